// What every page needs when htmx swaps its content: tell screen readers, put the focus where reading starts, and say
// so when a request did not get through.
"use strict";

document.documentElement.classList.add("js");

const live = document.getElementById("live");

function announce() {
  const said = [...document.querySelectorAll("#main .message")].map((message) => message.textContent.trim());
  const arrived = document.querySelector("#main [data-announce]");
  if (arrived) {
    said.push(arrived.dataset.announce);
  }
  live.textContent = said.join(" ");
}

function complain(text) {
  const message = document.createElement("p");
  message.className = "message error";
  message.setAttribute("role", "alert");
  message.textContent = text;
  document.getElementById("main").prepend(message);
  message.scrollIntoView({ block: "nearest" });
}

document.addEventListener("htmx:afterSettle", (event) => {
  const main = document.getElementById("main");
  if (event.detail.target.id !== "main" && event.detail.elt !== main) {
    return;
  }
  announce();
  const heading = main.querySelector("h1");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
});

document.addEventListener("htmx:sendError", () => complain(live.dataset.offline));

document.addEventListener("htmx:responseError", (event) => {
  const answer = event.detail.xhr;
  const plain = (answer.getResponseHeader("Content-Type") || "").startsWith("text/plain");
  complain(plain ? answer.responseText : live.dataset.failed);
});
