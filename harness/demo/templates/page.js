"use strict";
// Follows the events of a demonstration, live or from a recording. Texts come from services of others: they
// are put in as text, and never as HTML.
const byId = (id) => document.getElementById(id);
const words = JSON.parse(byId("words").textContent);
const events = JSON.parse(byId("events").textContent).map((one) => one.event);
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const LIVE = words.live, ABOUT = LIVE ? 700 : 1800, AFTER = LIVE ? 250 : 900;
let since = 0, shown = 0, playing = true, timer = 0, over = !LIVE, line = null, parts = [], act = null;

const make = (tag, kind, text) => {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  if (text !== undefined) made.textContent = text;
  return made;
};
const add = (to, ...children) => { to.append(...children); return to; };
// What is not on the map has no id.
const place = (id) => (id ? document.querySelector(`[data-place="${CSS.escape(id)}"]`) : null);

function token(credential) {
  const card = add(make("div", credential.good ? "token" : "token bad"), make("b", "", credential.title));
  const list = make("dl");
  for (const [name, value] of credential.rows) add(list, make("dt", "", name), make("dd", "", value));
  return add(card, list);
}
const chip = (ok, text) => make("span", ok ? "v C" : "v D", text);

function draw() {
  const svg = byId("lines");
  svg.replaceChildren();
  if (!line) return;
  const box = byId("map").getBoundingClientRect();
  const from = place(line.source), to = place(line.target);
  if (!from || !to || from === to) return;
  const middle = (element) => {
    const at = element.getBoundingClientRect();
    return [at.left + at.width / 2 - box.left, at.top + at.height / 2 - box.top, at.width / 2];
  };
  const [x1, y1, w1] = middle(from), [x2, y2, w2] = middle(to);
  // Between two columns from side to side; within one, around what stands between.
  const across = Math.abs(x2 - x1) > w1;
  const side = across ? Math.sign(x2 - x1) : Math.sign(box.width / 2 - x1) || 1;
  const start = [x1 + side * w1, y1], end = [x2 + (across ? -side : side) * (w2 + 9), y2];
  const bend = across ? (end[0] - start[0]) / 2 : side * 45;
  const d = `M${start} C${start[0] + bend},${y1} ${end[0] + (across ? -bend : bend)},${y2} ${end}`;
  const NS = "http://www.w3.org/2000/svg";
  const node = (tag, values, to) => {
    const made = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(values)) made.setAttribute(name, value);
    return to.appendChild(made);
  };
  const marker = node("marker", { id: "tip", viewBox: "0 0 10 10", refX: 2, refY: 5, markerWidth: 4, markerHeight: 4, orient: "auto" }, node("defs", {}, svg));
  node("path", { d: "M0,0 L10,5 L0,10 z", class: "tip" }, marker);
  node("path", { d, class: line.state, "marker-end": "url(#tip)" }, svg);
  if (line.moves && !still) {
    const dot = node("circle", { r: 7 }, svg);
    node("animateMotion", { dur: "1.1s", repeatCount: "indefinite", path: d }, dot);
  }
}

function light(begin) {
  document.querySelectorAll(".place.on").forEach((one) => one.classList.remove("on"));
  for (const id of [begin.source, begin.target]) place(id)?.classList.add("on");
}

// On a wide screen the story has a scroll of its own.
function follow() { if (playing) byId("story").scrollTop = byId("story").scrollHeight; }
function exhibit(figure) {
  byId("outcome").hidden = false;
  add(byId("exhibits"), figure);
  show(byId("outcome"));
}
function show(element) {
  if (playing) element.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
}

function into() { return parts.length ? parts[parts.length - 1].element : act || byId("acts"); }

const tell = {
  opening(event) {
    byId("title").textContent = event.title;
    byId("question").textContent = event.question;
    byId("method").textContent = [event.method, ...event.software].filter(Boolean).join(" · ");
    byId("route").textContent = `${event.route} · ${event.start}`;
    document.title = event.title;
    byId("lands").replaceChildren(...event.lands.map((land) => {
      const box = add(make("div", land.home ? "land home" : "land"), make("h2", "", land.title));
      const places = make("div", "places");
      for (const one of land.places) {
        const made = add(make("div", `place ${one.kind}`), make("b", "", one.title), make("small", "", one.note));
        made.dataset.place = one.id;
        add(places, made);
      }
      return add(box, places);
    }));
  },
  act(event) {
    act = add(make("div", "act"), make("h3", "", `${event.number}. ${event.title}`));
    parts = [];
    add(byId("acts"), act);
    byId("sentence").textContent = event.title;
    show(document.querySelector("header"));
  },
  part(event) {
    const element = add(make("div", `part ${event.role}`), make("h4", "", event.title));
    add(into(), element);
    parts.push({ number: event.number, element });
    byId("sentence").textContent = event.title;
    byId("result").textContent = "";
    byId("result").className = "";
  },
  "part-end"(event) {
    const found = parts.findIndex((one) => one.number === event.number);
    if (found < 0) return;
    const { element } = parts[found];
    parts.length = found;
    if (event.text) {
      if (event.text.length < 60) add(element.firstChild, chip(event.ok, event.text));
      else add(element, make("pre", "", event.text));
      byId("result").textContent = event.text.split("\n", 1)[0];
      byId("result").className = event.ok ? "done" : "failed";
    }
  },
  begin(event) {
    line = { ...event, state: "about" };
    light(event);
    draw();
    byId("sentence").textContent = event.text;
    byId("result").textContent = "…";
    byId("result").className = "";
    since = Date.now();
    byId("credential").replaceChildren(...(event.credential ? [token(event.credential)] : []));
    document.querySelector(".action.current")?.classList.remove("current");
    const details = add(make("details", "action current"), add(make("summary", "", event.text), " "));
    details.dataset.action = event.number;
    if (event.credential) add(details, token(event.credential));
    if (event.sent) add(details, make("pre", "", event.sent));
    add(into(), details);
    follow();
  },
  end(event) {
    if (line && line.number === event.number) { line.state = event.how; draw(); }
    const said = `${event.result} · ${event.seconds.toFixed(2)} s`;
    byId("result").textContent = `${words.marks[event.how]} ${said}`;
    byId("result").className = event.how;
    if (event.credential) byId("credential").replaceChildren(token(event.credential));
    const details = document.querySelector(`[data-action="${event.number}"]`);
    if (!details) return;
    details.classList.add(event.how);
    add(details.firstChild, make("span", `came ${event.how}`, `${words.marks[event.how]} ${said}`));
    if (event.credential) add(details, token(event.credential));
    if (event.answer) add(details, make("pre", "answer", event.answer));
  },
  picture(event) {
    const image = make("img");
    image.src = event.data;
    image.alt = event.title;
    exhibit(add(make("figure"), make("figcaption", "", event.title), image));
  },
  figures(event) {
    const table = make("table");
    add(table, add(make("thead"), add(make("tr"), ...words.columns.map((one) => make("th", "", one)))));
    const body = make("tbody");
    for (const row of event.rows) {
      const cells = [row.what, row.value, row.wanted].map((one) => make("td", "", one));
      add(body, add(make("tr"), ...cells, make("td", `rightness ${row.right ? "yes" : "no"}`, row.right ? words.right : words.wrong)));
    }
    const scroll = add(make("div", "scroll"), add(table, body));
    scroll.tabIndex = 0;
    exhibit(add(make("figure"), make("figcaption", "", event.title), scroll));
  },
  "act-end"(event) {
    if (act) add(act.firstChild, chip(event.ok, event.text));
    parts = [];
  },
  closing(event) {
    byId("outcome").hidden = false;
    byId("closing").textContent = event.text;
    byId("closing").className = event.ok ? "headline" : "headline bad";
    byId("sentence").textContent = event.text;
    byId("result").textContent = "";
    byId("credential").replaceChildren();
    line = null;
    draw();
    show(byId("outcome"));
  },
};

function apply(number) {
  const event = events[number];
  tell[event.kind](event);
  byId("progress").max = events.length;
  byId("progress").value = number + 1;
}

function seek(number) {
  byId("acts").replaceChildren();
  byId("exhibits").replaceChildren();
  byId("outcome").hidden = true;
  byId("credential").replaceChildren();
  parts = []; act = null; line = null;
  for (shown = 0; shown < number; shown += 1) apply(shown);
  draw();
}

function run() {
  clearTimeout(timer);
  if (!playing || shown >= events.length) return;
  const { kind } = events[shown];
  apply(shown);
  shown += 1;
  timer = setTimeout(run, kind === "begin" ? ABOUT : kind === "end" || kind === "part" ? AFTER : 60);
}

const stops = (kind) => kind === "begin" || kind === "act" || kind === "closing";
byId("play").addEventListener("click", () => { playing = !playing; if (playing && over && shown >= events.length) seek(0); run(); });
byId("ahead").addEventListener("click", () => {
  playing = false;
  do { if (shown >= events.length) return; apply(shown); shown += 1; } while (shown < events.length && !stops(events[shown].kind));
});
byId("back").addEventListener("click", () => {
  playing = false;
  let to = shown - 1;
  while (to > 0 && !stops(events[to].kind)) to -= 1;
  seek(Math.max(to, Math.min(1, events.length)));
});
addEventListener("resize", draw);

// What takes long is seen to go on.
if (LIVE) setInterval(() => {
  const seconds = Math.round((Date.now() - since) / 1000);
  if (line && line.state === "about" && seconds > 1) byId("result").textContent = `… ${seconds} s`;
}, 1000);

if (LIVE) {
  const speaker = new URLSearchParams(location.search).get("speaker");
  const next = () => fetch("next", { method: "POST", headers: { "X-Speaker": speaker } });
  if (speaker) {
    byId("next").hidden = false;
    byId("next").addEventListener("click", next);
    addEventListener("keydown", (event) => {
      if (event.key !== " " || event.target.closest("button, summary")) return;
      event.preventDefault();
      next();
    });
  }
  const source = new EventSource("events");
  source.onmessage = (message) => {
    const waiting = shown >= events.length;
    events.push(JSON.parse(message.data).event);
    if (events[events.length - 1].kind === "closing") { over = true; source.close(); }
    if (waiting) { clearTimeout(timer); run(); }
  };
} else {
  run();
}
