// A button that copies the text beside it; without this script the text is marked and copied by hand.
for (const frame of document.querySelectorAll(".copy")) {
  if (!navigator.clipboard) continue; // on plain http away from this machine browsers have none
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = frame.dataset.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(frame.querySelector("code").textContent);
    button.textContent = frame.dataset.copied;
  });
  frame.append(button);
}
