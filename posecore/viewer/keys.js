// The keys, and the list of them.

/** By what is shown in the help: the keys as the browser names them, what they do, in words and in fact. */
const KEYS = [
  [["Space"], [" "], "play or pause", (viewer) => viewer.toggle()],
  [["←", "→"], ["ArrowLeft", "ArrowRight"], "one frame back, on", (viewer, back) => viewer.step(back ? -1 : 1)],
  [[",", "."], [",", "."], "ten frames back, on", (viewer, back) => viewer.step(back ? -10 : 10)],
  [["p", "n"], ["p", "n"], "previous, next doubtful stretch", (viewer, back) => viewer.nextDoubt(back)],
  [["Home", "End"], ["Home", "End"], "first, last frame", (viewer, back) => viewer.step(back ? -Infinity : Infinity)],
  [["+", "−"], ["+", "-"], "see less, more of the time line", (viewer, closer) => viewer.zoom(closer ? 0.5 : 2)],
  [["0"], ["0"], "see all of the time line", (viewer) => viewer.zoom(Infinity)],
  [["m"], ["m"], "sound on or off", () => document.getElementById("sound").click()],
  [["s"], ["s"], "save the frame as PNG", (viewer) => viewer.save()],
  [["?"], ["?"], "this list", () => document.getElementById("help").showModal()],
];
const TYPED = new Set(["SELECT", "TEXTAREA"]); // they want the keys for themselves

function listenToKeys(viewer) {
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (TYPED.has(target.tagName) || (target.type === "range" && /Arrow|Home|End/.test(key))) return;
    if (key === " " && target.closest("button, input, summary")) return;
    const found = KEYS.find(([, keys]) => keys.includes(key));
    if (!found) return;
    event.preventDefault();
    found[3](viewer, key === found[1][0]);
  });
  // Who clicks goes on with the keys of the page, not with those of what was clicked.
  document.addEventListener("click", ({ detail, target }) => {
    if (detail && target.closest("button, input:not([type=range])")) document.activeElement.blur();
  });
}

function makeHelp() {
  const list = document.getElementById("keys");
  for (const [shown, , text] of KEYS) {
    const term = document.createElement("dt"), what = document.createElement("dd");
    for (const key of shown) {
      const cap = document.createElement("kbd");
      cap.append(key);
      term.append(cap, " ");
    }
    what.append(text);
    list.append(term, what);
  }
}
