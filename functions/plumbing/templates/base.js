// A form goes off once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target, pressed = event.submitter;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  // Later, since a button that is disabled now would not be sent.
  setTimeout(() => {
    document.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    if (pressed && pressed.dataset.busy) pressed.textContent = pressed.dataset.busy;
  });
});
// The browser kept the page as it was, with its buttons disabled.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
