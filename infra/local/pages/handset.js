"use strict";
// Only what changed is touched, so that no key moves away from under a thumb or loses the focus.
const part = (page, id) => page.getElementById(id);
function show(fresh) {
  document.title = fresh.title;
  const waiting = part(document, "waiting");
  for (const old of [...waiting.children]) if (!part(fresh, old.id)) old.remove();
  for (const next of [...part(fresh, "waiting").children]) {
    const old = part(document, next.id);
    if (!old) waiting.append(next);
    else if (old.dataset.left !== next.dataset.left) {
      old.dataset.left = next.dataset.left;
      old.querySelector(".left").textContent = next.querySelector(".left").textContent;
    }
  }
  const past = part(fresh, "past");
  if (part(document, "past").innerHTML !== past.innerHTML) part(document, "past").replaceWith(past);
}
async function look() {
  try {
    const answer = await fetch("/", { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    part(document, "gone").hidden = true;
  } catch {
    part(document, "gone").hidden = false;
  }
  setTimeout(look, 1000);
}
setTimeout(look, 1000);
