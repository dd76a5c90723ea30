// Where jikimi is and with which token. The address is asked for permission here, and for no other.
"use strict";

const form = document.getElementById("form");
const said = document.getElementById("said");

function say(text, good) {
  said.textContent = text;
  said.className = good ? "good" : "bad";
}

async function save(event) {
  event.preventDefault();
  const address = origin(form.address.value.trim());
  if (!address) {
    say(word("unsafeAddress"), false);
    return;
  }
  // First of all: the browser asks only in the moment of the click.
  if (!(await chrome.permissions.request(permission(address)))) {
    say(word("refused", address), false);
    return;
  }
  const before = await chrome.storage.local.get("address");
  const settings = { address, token: form.token.value.trim() };
  form.address.value = address;
  try {
    const owner = await ask(settings);
    await chrome.storage.local.set(settings);
    if (before.address && permission(before.address).origins[0] !== permission(address).origins[0]) {
      await chrome.permissions.remove(permission(before.address)).catch(() => {});
    }
    const until = new Date(owner.expires_at).toLocaleDateString(chrome.i18n.getUILanguage());
    say(word("works", owner.user, owner.organisation, until), true);
  } catch (error) {
    say(error.message, false);
  }
}

async function main() {
  speak();
  const settings = await chrome.storage.local.get(["address", "token"]);
  form.address.value = settings.address || "";
  form.token.value = settings.token || "";
  form.addEventListener("submit", save);
}

main();
