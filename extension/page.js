// Runs in the page the monitor is looking at, once, when they ask for it. Returns what the page shows: its document, and
// the pictures in it. The value of this script is what chrome.scripting hands back.
(async () => {
  "use strict";

  const SMALLEST = 100; // pixels of each side: below that it is an icon
  const MOST_PICTURES = 40;
  const MOST_BYTES = 20_000_000; // of all pictures
  const PATIENCE = 5000; // ms for each picture; it is in the browser's cache

  function base64(blob) {
    return new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(blob);
    });
  }

  // Where in the window a picture can be seen whole and uncovered, so that it can be cut out of the screenshot.
  function place(image) {
    const box = image.getBoundingClientRect();
    const whole = box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
    if (!whole || box.width < SMALLEST || box.height < SMALLEST) {
      return null;
    }
    const inset = 4;
    const corners = [
      [box.left + inset, box.top + inset],
      [box.right - inset, box.top + inset],
      [box.left + inset, box.bottom - inset],
      [box.right - inset, box.bottom - inset],
      [box.left + box.width / 2, box.top + box.height / 2],
    ];
    const uncovered = corners.every(([x, y]) => document.elementFromPoint(x, y) === image);
    return uncovered ? { x: box.left, y: box.top, width: box.width, height: box.height } : null;
  }

  async function pictures() {
    const shown = [...document.images].filter(
      (image) => image.naturalWidth >= SMALLEST && image.naturalHeight >= SMALLEST && image.getClientRects().length,
    );
    const byAddress = new Map(shown.map((image) => [image.currentSrc || image.src, image]));
    const found = [];
    let bytes = 0;
    for (const [url, image] of byAddress) {
      if (!/^https?:/.test(url)) {
        continue;
      }
      if (found.length === MOST_PICTURES) {
        break;
      }
      try {
        const options = { cache: "force-cache", credentials: "omit", signal: AbortSignal.timeout(PATIENCE) };
        const response = await fetch(url, options);
        const blob = await response.blob();
        if (!response.ok || bytes + blob.size > MOST_BYTES) {
          continue;
        }
        bytes += blob.size;
        found.push({ url, data: await base64(blob) });
      } catch {
        const seen = place(image); // another host's picture, which a page may show and not read
        if (seen) {
          found.push({ url, seen });
        }
      }
    }
    return found;
  }

  const visit = performance.getEntriesByType("navigation")[0];
  const here = location.href.split("#")[0];
  const doctype = document.doctype ? "<!DOCTYPE html>\n" : "";
  return {
    url: here,
    html: doctype + document.documentElement.outerHTML,
    status: visit && visit.name.split("#")[0] === here ? visit.responseStatus || null : null,
    time: new Date().toISOString(),
    scale: devicePixelRatio,
    pictures: await pictures(),
  };
})();
