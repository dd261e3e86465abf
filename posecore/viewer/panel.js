// What stands beside the picture: switches, joints, and the lists of stretches to look at.

const LISTED = 400; // stretches in a list; more make a page slow, and nobody reads them

/** The switches that the page's markup has, by what they set. */
function listenToSwitches(viewer) {
  const { settings } = viewer, at = (id) => document.getElementById(id);
  at("min-score").addEventListener("input", ({ target }) => {
    settings.minScore = Number(target.value);
    at("min-score-value").textContent = settings.minScore.toFixed(2);
    viewer.changed(true);
  });
  for (const name of ["picture", "ids", "boxes"]) {
    at(name).addEventListener("change", ({ target }) => {
      settings[name] = target.checked;
      viewer.changed();
    });
  }
  at("trail").addEventListener("change", ({ target }) => {
    settings.trail = Number(target.value);
    viewer.changed();
  });
  document.querySelectorAll("[data-run]").forEach((box) => {
    box.addEventListener("change", () => {
      settings.shown[Number(box.dataset.run)] = box.checked;
      viewer.changed();
    });
  });
  document.querySelectorAll("[name=beside]").forEach((radio) => {
    radio.addEventListener("change", () => {
      settings.beside = at("beside").checked;
      viewer.changed();
    });
  });
}

/** A box for each joint, the person's right on the left, as somebody is seen who faces the camera. */
function makeJoints(viewer) {
  const place = document.getElementById("joints"), boxes = [];
  head.joints.forEach(({ name, side }, joint) => {
    const label = document.createElement("label"), box = document.createElement("input");
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => {
      viewer.settings.joints[joint] = box.checked;
      viewer.changed();
    });
    label.className = side;
    label.append(box, name);
    place.append(label);
    boxes.push(box);
  });
  for (const [id, checked] of [["all-joints", true], ["no-joints", false]]) {
    document.getElementById(id).addEventListener("click", () => {
      boxes.forEach((box) => (box.checked = checked));
      viewer.settings.joints.fill(checked);
      viewer.changed();
    });
  }
}

/** Whose curves are shown, and of which joint. */
function makeChoice(viewer) {
  const who = document.getElementById("who"), joint = document.getElementById("joint");
  const everyone = viewer.runs.flatMap((run) => run.series);
  everyone.forEach((series, n) => {
    const mark = viewer.runs.length > 1 ? `${series.run === viewer.runs[0] ? "A" : "B"} ` : "";
    who.add(new Option(mark + series.label, n));
  });
  head.joints.forEach(({ name }, n) => joint.add(new Option(name, n)));
  const choose = () => viewer.choose(everyone[who.value], Number(joint.value));
  who.addEventListener("change", choose);
  joint.addEventListener("change", choose);
  return () => {
    who.value = everyone.indexOf(viewer.chosen.series);
    joint.value = viewer.chosen.joint;
  };
}

/** A list of stretches {first, last, text, color}; a click goes to the first frame. */
function makeList(viewer, id, stretches) {
  const list = document.getElementById(id), { times } = viewer.runs[0];
  document.getElementById(`${id}-count`).textContent = stretches.length;
  for (const stretch of stretches.slice(0, LISTED)) {
    const item = document.createElement("li"), button = document.createElement("button");
    const text = document.createElement("span"), time = document.createElement("span");
    button.style.setProperty("--color", stretch.color);
    text.append(stretch.text);
    time.append(spanText(viewer.runs[0], stretch));
    time.className = "time";
    button.append(text, time);
    button.addEventListener("click", () => viewer.visit(stretch));
    item.append(button);
    list.append(item);
  }
  const rest = stretches.length - LISTED;
  document.getElementById(`${id}-rest`).textContent = stretches.length
    ? rest > 0 ? `and ${rest} more` : ""
    : "none";
}

function spanText(run, { first, last }) {
  const count = last - first + 1, from = clockText(run.times[first], 2);
  return count > 1 ? `${from} · ${count} frames` : from;
}

/** Doubtful stretches as entries of a list. */
function doubtEntries(viewer, doubts) {
  const several = viewer.runs[0].series.length > 1;
  return doubts.map((doubt) => {
    const series = viewer.runs[0].series[doubt.series], { text, color } = KINDS[doubt.kind];
    return { ...doubt, color, text: several ? `${series.label} · ${text}` : text };
  });
}

function disagreementEntries() {
  return head.disagreement.stretches.map(([first, last, mean, who]) => ({
    first,
    last,
    color: "var(--apart)",
    text: who ? "in one run only" : `OKS ${(1 - mean).toFixed(2)}`,
  }));
}
