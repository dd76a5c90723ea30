// Fills Pasarria's empty frame: asks for the page's data and builds the elements.
(async () => {
  const make = (tag, options = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(options)) element.setAttribute(name, value);
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  };
  const shop = (row) => make("a", { class: "toko", href: `/shop/${row.toko.id}` }, row.toko.nama);
  const card = (row) =>
    make(
      "div",
      { class: "kartu", "data-produk": row.id },
      make(
        "a",
        { class: "tautan", href: `/p/${row.id}` },
        make("img", { src: row.foto[0], alt: "", loading: "lazy" }),
        make("div", { class: "nama" }, row.nama),
      ),
      make("div", { class: "harga" }, row.harga),
      shop(row),
    );
  const product = (row) =>
    make(
      "article",
      { class: "produk", "data-produk": row.id },
      make("nav", { class: "jejak" }, ...row.jejak.map((step) => make("span", {}, step))),
      make("h1", { class: "nama" }, row.nama),
      ...row.foto.map((address) => make("img", { class: "foto", src: address, alt: "" })),
      make("div", { class: "harga" }, row.harga),
      row.coret ? make("s", { class: "coret" }, row.coret) : null,
      make("div", { class: "kondisi" }, row.kondisi),
      row.merek ? make("div", { class: "merek" }, row.merek) : null,
      shop(row),
      make("div", { class: "asal" }, row.asal),
      make("div", { class: "terjual" }, `${row.terjual}`),
      make("p", { class: "uraian" }, row.uraian),
    );

  const address = new URL(location.href);
  const answer = await fetch(`/data${address.pathname}${address.search}`);
  const data = await answer.json();
  const main = make("main", {});
  if (data.hilang) {
    main.append(make("h1", { class: "hilang" }, "Produk tidak ditemukan atau sudah dihapus"));
  } else if (data.produk) {
    document.title = `${data.judul} | Pasarria`;
    main.append(product(data.produk), make("section", { class: "serupa" }, ...data.serupa.map(card)));
  } else if (data.kategori) {
    main.append(...data.kategori.map((row) => make("a", { href: `/c/${row.id}` }, `${row.nama} `)));
  } else {
    document.title = `${data.judul} | Pasarria`;
    const next = new URL(address);
    next.searchParams.set("hal", data.hal + 1);
    main.append(
      make("h1", {}, data.judul),
      make("p", { class: "jumlah", "data-jumlah": data.jumlah }, `${data.jumlah} produk`),
      make("section", { class: "hasil" }, ...data.hasil.map(card)),
      data.lanjut ? make("a", { rel: "next", href: next.pathname + next.search }, "Berikutnya") : "",
    );
  }
  main.setAttribute("data-siap", "");
  document.getElementById("app").append(main);
})();
