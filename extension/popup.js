// Opened by one click or key: sends the page in the window, says what jikimi answered. There is no other script that
// runs by itself, so nothing is ever sent without that click.
"use strict";

const BADGES = {
  flagged: { text: "!", color: "#a3271f" },
  decided: { text: "✓", color: "#17635b" },
  clear: { text: "✓", color: "#566361" },
  wall: { text: "▮", color: "#7a4b00" },
  none: { text: "?", color: "#566361" },
  failed: { text: "×", color: "#a3271f" },
};

const said = document.getElementById("said");

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

async function cut(screen, box, scale) {
  const round = (value) => Math.round(value * scale);
  const canvas = new OffscreenCanvas(round(box.width), round(box.height));
  const from = [round(box.x), round(box.y), canvas.width, canvas.height];
  canvas.getContext("2d").drawImage(screen, ...from, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/png" });
}

async function capture(tab) {
  const [ran] = await chrome.scripting.executeScript({ target: { tabId: tab.id }, files: ["page.js"] });
  const page = ran.result;
  if (!page) {
    throw new Error(word("noPage"));
  }
  const shot = await chrome.tabs.captureVisibleTab(tab.windowId, { format: "png" });
  const screenshot = new Blob([bytesOf(shot.slice(shot.indexOf(",") + 1))], { type: "image/png" });
  const screen = await createImageBitmap(screenshot);
  const form = new FormData();
  form.append("url", page.url);
  form.append("html", new Blob([page.html], { type: "text/html" }), "page.html");
  form.append("time", page.time);
  form.append("tool", `jikimi extension ${chrome.runtime.getManifest().version}`);
  form.append("language", navigator.language);
  form.append("screenshot", screenshot, "screenshot.png");
  if (page.status) {
    form.append("status", page.status);
  }
  for (const picture of page.pictures) {
    const blob = picture.data ? new Blob([bytesOf(picture.data)]) : await cut(screen, picture.seen, page.scale);
    form.append("picture_url", picture.url);
    form.append("picture", blob, "picture");
  }
  return form;
}

function standing(answer) {
  if (answer.outcome === "blocked") {
    return "wall";
  }
  if (answer.outcome !== "ok") {
    return "none";
  }
  const standings = new Set(answer.listings.map((listing) => listing.standing));
  return ["flagged", "decided", "clear"].find((name) => standings.has(name)) || "none";
}

function show(answer, settings) {
  said.textContent = answer.said;
  const market = document.getElementById("market");
  market.textContent = answer.market;
  market.hidden = !answer.market;
  const list = document.getElementById("listings");
  for (const listing of answer.listings) {
    const row = document.createElement("li");
    row.className = listing.standing;
    const ours = listing.address && origin(listing.address) === settings.address;
    const title = document.createElement(ours ? "a" : "span");
    title.textContent = listing.title;
    if (ours) {
      title.href = listing.address;
      title.target = "_blank";
    }
    const note = document.createElement("small");
    const short = answer.total > 1 ? `${listing.news_said} · ${listing.said}` : "";
    note.textContent = [short, listing.why].filter(Boolean).join(". ");
    row.append(title, note);
    list.append(row);
  }
  for (const problem of answer.problems) {
    const row = document.createElement("li");
    row.textContent = problem;
    list.append(row);
  }
}

async function badge(tab, name) {
  document.body.dataset.standing = name;
  await chrome.action.setBadgeBackgroundColor({ tabId: tab.id, color: BADGES[name].color });
  await chrome.action.setBadgeText({ tabId: tab.id, text: BADGES[name].text });
}

function askForSetup(text) {
  said.textContent = text;
  document.body.dataset.standing = "failed";
  const button = document.getElementById("setup");
  button.hidden = false;
  button.addEventListener("click", () => chrome.runtime.openOptionsPage());
}

async function main() {
  speak();
  const settings = await chrome.storage.local.get(["address", "token"]);
  if (!settings.address || !settings.token || !(await chrome.permissions.contains(permission(settings.address)))) {
    askForSetup(word("notSetUp"));
    return;
  }
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  if (!/^https?:/.test(tab.url || "")) {
    said.textContent = word("noPage");
    document.body.dataset.standing = "none";
    return;
  }
  try {
    const form = await capture(tab);
    const answer = await ask(settings, { method: "POST", body: form });
    show(answer, settings);
    await badge(tab, standing(answer));
  } catch (error) {
    said.textContent = error.message;
    await badge(tab, "failed");
  }
}

main();
