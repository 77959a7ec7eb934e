// Shows a proof's page in full size above the page; without this script the link opens the picture itself.
for (const link of document.querySelectorAll("a.picture-link")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const small = link.querySelector("img");
    open(link.href, small, event.detail ? placeOf(event, small) : { x: 0.5, y: 0.5 });
  });
}

// Where in the picture somebody pointed, each way from 0 to 1.
function placeOf(event, small) {
  const box = small.getBoundingClientRect();
  return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
}

function open(address, small, place) {
  const viewer = document.createElement("dialog");
  viewer.className = "viewer";
  viewer.setAttribute("aria-label", small.alt);
  const picture = new Image(small.getAttribute("width"), small.getAttribute("height"));
  picture.src = address;
  picture.alt = small.alt;
  const button = document.createElement("button");
  button.className = "button";
  button.textContent = document.documentElement.lang === "de" ? "Schließen" : "Close";
  viewer.append(picture, button);
  document.body.append(viewer);
  viewer.showModal();
  viewer.scrollTo(
    place.x * picture.offsetWidth - viewer.clientWidth / 2,
    place.y * picture.offsetHeight - viewer.clientHeight / 2,
  );
  viewer.addEventListener("click", () => viewer.close());
  closeByBack(viewer);
}

// "Back" leaves the picture, not the proof.
function closeByBack(viewer) {
  const close = () => viewer.close();
  history.pushState("viewer", "");
  addEventListener("popstate", close, { once: true });
  viewer.addEventListener("close", () => {
    viewer.remove();
    removeEventListener("popstate", close);
    if (history.state === "viewer") history.back();
  });
}
