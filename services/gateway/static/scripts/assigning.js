// Files that are dropped or chosen are sent at once, with their progress; without this script the button sends.
arm();

function arm() {
  const form = document.querySelector("form.assign");
  if (!form) return;
  const drop = form.querySelector(".drop");
  const chosen = form.querySelector("input[type=file]");
  form.querySelector(".drop-script").hidden = false;
  form.querySelector("button[type=submit]").hidden = true;
  chosen.addEventListener("change", () => chosen.files.length && send(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      drop.classList.add("is-over");
    });
  }
  document.addEventListener("dragleave", (event) => event.relatedTarget || drop.classList.remove("is-over"));
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    drop.classList.remove("is-over");
    chosen.files = event.dataTransfer.files;
    send(form);
  });
}

function send(form) {
  if (form.dataset.sending || !form.isConnected) return;
  form.dataset.sending = "yes";
  const progress = form.querySelector(".drop-progress");
  const fault = form.querySelector(".drop-fault");
  const request = new XMLHttpRequest();
  fault.hidden = true;
  progress.hidden = false;
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) progress.firstElementChild.value = (100 * event.loaded) / event.total;
  });
  request.addEventListener("error", () => {
    progress.hidden = true;
    fault.hidden = false;
    fault.textContent = form.dataset.failed;
    delete form.dataset.sending;
    form.querySelector("input[type=file]").value = "";
  });
  request.addEventListener("load", () => answered(request));
  request.open("POST", form.action || location.href);
  request.setRequestHeader("Accept", "application/json");
  request.send(new FormData(form));
}

// Done: on to the order. Otherwise the answer is a page that says why.
function answered(request) {
  if (request.getResponseHeader("Content-Type").startsWith("application/json")) {
    location.assign(JSON.parse(request.responseText).next);
    return;
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  document.querySelector("main").replaceWith(page.querySelector("main"));
  document.title = page.title;
  arm();
  document.querySelector("main [autofocus]")?.focus();
}
