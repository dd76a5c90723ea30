// What every page needs after htmx swapped the content: tell screen readers, and put the focus where reading starts.
"use strict";

function arrive() {
  const spoken = document.querySelector("#main [data-announce]");
  if (spoken) {
    document.getElementById("live").textContent = spoken.dataset.announce;
  }
}

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "main") {
    return;
  }
  arrive();
  const heading = document.querySelector("#main h1");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
});
