// The example follows what is typed; whether the path can be used is checked when it is sent.
const field = document.getElementById("pattern");
const frame = document.querySelector(".example");
const shown = frame.querySelector(".example-path");
const ending = shown.textContent.split("/").slice(-2);
field.addEventListener("input", () => {
  const path = (field.value.trim() || field.defaultValue)
    .replaceAll("\\", "/")
    .replaceAll("{order_number}", frame.dataset.order)
    .replaceAll("{year}", frame.dataset.year);
  shown.textContent = [path, ...ending].join("/");
});
