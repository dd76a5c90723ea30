// The keyboard of the queue and the review page. A key presses the button or link that carries its code in data-key;
// which keys there are is written in triage/keys.py alone.
"use strict";

const KEYS_OFF = "jikimi-keys-off";
const RENEW_EVERY = 3 * 60 * 1000; // milliseconds; a lease lasts ten minutes
let busy = false;
let activeSince = 0;

function keysOff() {
  return localStorage.getItem(KEYS_OFF) === "yes";
}

function typing(element) {
  return element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.tagName) ||
    (element.tagName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(element.type));
}

function help() {
  return document.getElementById("help");
}

function toggleHelp() {
  const dialog = help();
  if (!dialog) {
    return;
  }
  if (dialog.open) {
    dialog.close();
  } else {
    dialog.querySelector("[data-keys-switch]").checked = !keysOff();
    dialog.showModal();
  }
}

document.addEventListener("keydown", (event) => {
  activeSince ||= Date.now();
  const composing = event.isComposing || event.keyCode === 229; // 229: a key the input method has taken
  if (composing || event.repeat || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) {
    return;
  }
  const code = event.code.replace(/^Numpad(?=\d$)/, "Digit");
  if (code === "Slash" || event.key === "?") {
    event.preventDefault(); // the help says how to switch the keys on again, so it always opens
    toggleHelp();
    return;
  }
  if (event.shiftKey || busy || keysOff() || help()?.open) {
    return;
  }
  const target = document.querySelector(`#main [data-key="${CSS.escape(code)}"]`);
  if (target) {
    event.preventDefault();
    target.click();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-opens=help]")) {
    toggleHelp();
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-keys-switch]")) {
    localStorage.setItem(KEYS_OFF, event.target.checked ? "no" : "yes");
  }
});

// One decision at a time: a second key waits for the first answer instead of hitting the next listing.
document.addEventListener("submit", () => { busy = true; });
document.addEventListener("htmx:beforeRequest", () => { busy = true; });
document.addEventListener("htmx:afterRequest", () => { busy = false; });
window.addEventListener("pageshow", () => { busy = false; });

// Who reads keeps the flag; who went for lunch loses it after ten minutes.
document.addEventListener("pointermove", () => { activeSince ||= Date.now(); }, { passive: true });
setInterval(() => {
  const form = document.querySelector("[data-renew]");
  if (form && activeSince && !busy) {
    activeSince = 0;
    htmx.trigger(form, "jikimi:active");
  }
}, RENEW_EVERY);
