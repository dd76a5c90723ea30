// What the popup and the options page share: words in the browser's language, and where jikimi is.
"use strict";

const LOOPBACK = new Set(["127.0.0.1", "localhost"]);

/** Return a text in the browser's language. */
function word(name, ...values) {
  return chrome.i18n.getMessage(name, values.map(String));
}

/** Fill the page's texts in. */
function speak() {
  document.documentElement.lang = chrome.i18n.getUILanguage();
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = word(element.dataset.word);
  }
  document.title = word("name");
}

/** Return the origin of an address a token may be sent to, or null: https, or this very machine. */
function origin(address) {
  try {
    const url = new URL(address.includes("://") ? address : `https://${address}`);
    const safe = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.has(url.hostname));
    return safe && !url.username && !url.password ? url.origin : null;
  } catch {
    return null;
  }
}

/** Return the permission needed to reach an origin. */
function permission(address) {
  const url = new URL(address);
  return { origins: [`${url.protocol}//${url.hostname}/*`] };
}

/** Ask jikimi; returns its answer, or throws an Error whose message is meant to be shown. */
async function ask(settings, options = {}) {
  let response;
  try {
    response = await fetch(`${settings.address}/captures/`, {
      ...options,
      headers: { Authorization: `Bearer ${settings.token}`, Accept: "application/json" },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(120_000),
    });
  } catch {
    throw new Error(word("unreachable", settings.address));
  }
  let answer;
  try {
    answer = await response.json();
  } catch {
    throw new Error(word("strange", settings.address, response.status));
  }
  if (!response.ok) {
    throw new Error(answer.error || word("strange", settings.address, response.status));
  }
  return answer;
}
