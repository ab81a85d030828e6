const state = document.getElementById("state"), offline = document.getElementById("offline");
// Nobody has read a prompt and typed a PIN before the first look.
const FIRST = 5000, EVERY = 3000, AT_MOST = 15000, PATIENCE = 10000;
let misses = 0, timer = 0, ends = 0, isAsking = false;

function begin() {
  clearTimeout(timer);
  ends = Date.now() + 1000 * (state.dataset.secondsLeft || 0);
  if ("leaves" in state.dataset) {
    timer = setTimeout(() => { location.href = document.getElementById("back").href; }, EVERY);
  }
  if ("waits" in state.dataset) timer = setTimeout(ask, FIRST);
  guess();
}
// The same page, asked for again: of what came, only the part that tells the state is taken.
function ask() {
  if (isAsking || !("waits" in state.dataset)) return;
  clearTimeout(timer);
  if (!window.fetch) { location.reload(); return; }
  isAsking = true;
  const stop = window.AbortController ? new AbortController() : {};
  const late = setTimeout(() => { if (stop.abort) stop.abort(); }, PATIENCE);
  fetch(location.href, { cache: "no-store", credentials: "same-origin", signal: stop.signal })
    .then((answer) => {
      if (!answer.ok) throw new Error(answer.status);
      return answer.text();
    })
    .then((text) => {
      // Even a page that is only read is held to this page's CSP: its style bears another nonce.
      const bare = text.replace(/<style[^]*?<\/style>/, "");
      const fresh = new DOMParser().parseFromString(bare, "text/html").getElementById("state");
      if (!fresh) throw new Error("another page");
      misses = 0;
      if (fresh.dataset.state !== state.dataset.state ||
          fresh.dataset.version !== state.dataset.version) swap(fresh);
    })
    .catch(() => { misses += 1; })
    .then(() => {
      clearTimeout(late);
      isAsking = false;
      offline.hidden = misses === 0;
      if ("waits" in state.dataset) {
        timer = setTimeout(ask, Math.min(EVERY * (1 + misses), AT_MOST));
      }
    });
}
function swap(fresh) {
  Object.keys(state.dataset).forEach((name) => { delete state.dataset[name]; });
  Object.assign(state.dataset, fresh.dataset);
  state.innerHTML = fresh.innerHTML;
  begin();
}
function count() {
  const shown = document.getElementById("seconds");
  if (shown) shown.textContent = Math.max(0, Math.round((ends - Date.now()) / 1000));
}
// Says which network the number's prefix means. What the payer chose stays: a number may have moved.
function guess() {
  const phone = document.getElementById("phone");
  if (!phone) return;
  const digits = phone.value.replace(/\D/g, "").replace(/^(00)?250/, "").replace(/^0/, "");
  const network = JSON.parse(phone.dataset.prefixes)[digits.slice(0, 2)] || "";
  const choice = network && document.querySelector(`[name=network][value="${network}"]`);
  document.getElementById("guess").textContent = choice ? choice.parentNode.textContent.trim() : "";
}
document.addEventListener("input", (event) => { if (event.target.id === "phone") guess(); });
addEventListener("online", ask);
document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
setInterval(count, 1000);
begin();
