// A button that shows what is typed in a password field; without this script there is none.
for (const frame of document.querySelectorAll(".password")) {
  const input = frame.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button-plain";
  button.setAttribute("aria-controls", input.id);
  const turn = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? frame.dataset.hide : frame.dataset.show;
    button.setAttribute("aria-label", `${button.textContent}: ${input.labels[0].textContent}`);
  };
  button.addEventListener("click", () => turn(input.type === "password"));
  // The browser offers to keep a password only if the field still is one when the form goes.
  input.form?.addEventListener("submit", () => turn(false));
  turn(false);
  frame.append(button);
}
