// Dropping files into the page. Without script the file field does the same.
"use strict";

const form = document.getElementById("uploads");
const drop = document.getElementById("drop");
const files = document.getElementById("files");

function over(event) {
  if (event.dataTransfer.types.includes("Files")) {
    event.preventDefault();
    drop.classList.add("over");
  }
}

drop.addEventListener("dragenter", over);
drop.addEventListener("dragover", over);
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  if (event.dataTransfer.files.length) {
    files.files = event.dataTransfer.files;
    form.requestSubmit();
  }
});

form.addEventListener("submit", () => {
  document.getElementById("reading").hidden = false;
});
