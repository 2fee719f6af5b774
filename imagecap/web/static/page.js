"use strict";

// Everything works without this: it adds dropping, pasting, Enter in captions and the browser's own voice.
const drop = document.querySelector(".drop");
if (drop) {
  const field = drop.querySelector("input[type=file]");
  const status = drop.querySelector("[data-status]");
  drop.querySelector("[data-with-script]").hidden = false;
  const take = (files) => {
    if (files.length === 0) return;
    field.files = files;
    drop.requestSubmit();
  };
  for (const [name, isOver] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", isOver);
      if (name === "drop") take(event.dataTransfer.files);
    });
  }
  document.addEventListener("paste", (event) => take(event.clipboardData.files));
  drop.addEventListener("submit", () => {
    status.textContent = "The picture is being looked at…";
  });
  // A page that the browser has kept is as it was when it was left.
  window.addEventListener("pageshow", () => { status.textContent = ""; });
}

// A caption is one line: Enter keeps it, as in the window.
for (const form of document.querySelectorAll("[data-keys]")) {
  form.addEventListener("keydown", (event) => {
    if (event.target.localName === "textarea" && event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}

if ("speechSynthesis" in window) {
  for (const button of document.querySelectorAll("[data-speak]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      speechSynthesis.cancel();
      const spoken = new SpeechSynthesisUtterance(button.dataset.speak);
      spoken.lang = "en";
      speechSynthesis.speak(spoken);
    });
  }
}

for (const item of document.querySelectorAll("[data-open]")) {
  const events = new EventSource(`/api/jobs/${item.dataset.job}/events`);
  events.addEventListener("message", (event) => {
    const job = JSON.parse(event.data);
    const bar = item.querySelector("progress");
    bar.max = job.total || 1;
    bar.value = job.done;
    item.querySelector("[data-told]").textContent = `${job.done} of ${job.total} pictures`;
    if (["done", "cancelled", "failed"].includes(job.state)) {
      events.close();
      location.reload();
    }
  });
  events.addEventListener("error", () => events.close());
}
