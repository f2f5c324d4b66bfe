"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const make = (name, text, className) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    return element;
  };
  const STEP = 100;
  // More values than these are folded away.
  const FEW = 4;
  const COLUMNS = ["action", "status", "establishment", "username", "role", "effective_on", "rule", "reason"];
  const rows = data.rows.map((row, place) => ({ row, place, text: data.columns.map((_, at) => row[at]).concat(row[8].flat(3)).join("\u0000").toLowerCase() }));
  let shown = STEP;
  let sorted = { at: -1, up: true };
  let list = rows;

  const pieces = (into, all, mark) => {
    for (const [changed, text] of all) into.append(changed ? make(mark, text) : text);
  };
  const line = ({ row }) => {
    const tr = make("tr");
    COLUMNS.forEach((column, at) => tr.append(make("td", row[at], column === "status" ? row[at] + " cell" : column === "reason" ? "wide" : "cell")));
    const cell = make("td", undefined, "wide");
    let fields = cell;
    if (row[8].length > FEW) {
      fields = make("details");
      fields.append(make("summary", row[8].length + " values"));
      cell.append(fields);
    }
    for (const [name, before, after] of row[8]) {
      const field = make("span", name + ": ", "field");
      if (before.length) { pieces(field, before, "del"); field.append(" → "); }
      if (after.length) pieces(field, after, "ins"); else field.append("–");
      fields.append(field);
    }
    tr.append(cell);
    return tr;
  };
  const draw = () => {
    byId("rows").replaceChildren(...list.slice(0, shown).map(line));
    const total = list.length;
    byId("count").textContent = Math.min(shown, total) + " of " + total + (total === 1 ? " change shown" : " changes shown");
    byId("more").hidden = shown >= total;
  };
  const compare = (a, b) => {
    const at = sorted.at;
    const [x, y] = [a.row[at], b.row[at]];
    const order = x < y ? -1 : x > y ? 1 : a.place - b.place;
    return sorted.up ? order : -order;
  };
  const filter = () => {
    const words = byId("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [action, status, school] = ["action", "status", "school"].map((id) => byId(id).value);
    list = rows.filter(({ row, text }) =>
      (!action || row[0] === action) && (!status || row[1] === status) &&
      (!school || row[2] === school || row[9] === school) && words.every((word) => text.includes(word)));
    if (sorted.at >= 0) list.sort(compare);
    shown = STEP;
    draw();
  };
  const table = (title, head, body) => {
    if (!body.length) return [];
    const region = make("div", undefined, "scroll");
    region.tabIndex = 0;
    region.setAttribute("role", "region");
    region.setAttribute("aria-label", title);
    const element = make("table");
    const tr = make("tr");
    for (const cell of head) { const th = make("th", cell); th.scope = "col"; tr.append(th); }
    const thead = make("thead");
    thead.append(tr);
    const tbody = make("tbody");
    for (const cells of body) { const each = make("tr"); for (const cell of cells) each.append(make("td", cell)); tbody.append(each); }
    element.append(thead, tbody);
    region.append(element);
    return [make("h3", title), region];
  };
  const school = () => {
    const code = byId("school").value;
    const place = byId("one");
    place.hidden = !code;
    if (!code) return;
    const one = data.schools[code];
    const parts = [make("h2", "Establishment " + code)];
    if (one.hold) parts.push(make("p", "Held by the gate: " + one.hold, "held"));
    parts.push(
      ...table("Changes there", ["action", "planned", "held", "blocked"], one.changes),
      ...table("Guards there", ["guard", "value", "limit", "headroom", "holds"], one.guards),
      ...table("Notices there", ["code", "who can mend it", "count", "what mends it"], one.notices),
      ...table("Faults there", ["severity", "code", "count"], one.faults),
      ...table("Before the first day of term", ["what is to be done", "count", "by whom"], one.open));
    if (parts.length === 1) parts.push(make("p", "Nothing stands out there tonight."));
    place.replaceChildren(...parts);
  };
  const choose = (id, values) => { for (const value of values) { const option = make("option", value); option.value = value; byId(id).append(option); } };

  choose("action", [...new Set(data.rows.map((row) => row[0]))].sort());
  choose("status", ["planned", "held", "blocked"].filter((status) => data.rows.some((row) => row[1] === status)));
  choose("school", Object.keys(data.schools));
  let waiting = 0;
  byId("text").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 80); });
  for (const id of ["action", "status", "school"]) byId(id).addEventListener("change", filter);
  byId("school").addEventListener("change", school);
  byId("more").addEventListener("click", () => { shown += STEP * 5; draw(); });
  document.querySelectorAll("#changes thead th").forEach((th, at) => {
    const button = th.querySelector("button");
    if (!button) return;
    button.addEventListener("click", () => {
      sorted = { at, up: sorted.at === at ? !sorted.up : true };
      document.querySelectorAll("#changes thead th").forEach((other) => other.removeAttribute("aria-sort"));
      th.setAttribute("aria-sort", sorted.up ? "ascending" : "descending");
      filter();
    });
  });
  document.querySelectorAll(".script").forEach((element) => { element.hidden = false; });
  filter();
})();
