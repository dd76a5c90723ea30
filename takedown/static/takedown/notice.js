// Counts characters against the platform's limit while someone types. The server counts again.
"use strict";

function count(field) {
  const counter = document.querySelector(`[data-counts="${field.id}"]`);
  if (!counter) return;
  const length = [...field.value.trim()].length;
  counter.querySelector("span").textContent = length;
  counter.classList.toggle("over", length > Number(field.dataset.limit));
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-limit]")) count(event.target);
});
