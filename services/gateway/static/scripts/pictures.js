// Shows a proof's page in full size above the page; without this script the link opens the picture itself.
for (const link of document.querySelectorAll("a.picture-link")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.href, link.querySelector("img"));
  });
}

function open(address, small) {
  const viewer = document.createElement("dialog");
  viewer.className = "viewer";
  viewer.setAttribute("aria-label", small.alt);
  const picture = new Image();
  picture.src = address;
  picture.alt = small.alt;
  const button = document.createElement("button");
  button.className = "button";
  button.textContent = document.documentElement.lang === "de" ? "Schließen" : "Close";
  viewer.append(picture, button);
  viewer.addEventListener("click", () => viewer.close());
  viewer.addEventListener("close", () => viewer.remove());
  document.body.append(viewer);
  viewer.showModal();
}
