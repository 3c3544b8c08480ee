const table = document.getElementById("rules");
const body = table.tBodies[0];
const order = ["pass", "fixed", "observed", "unsupported", "deviation", "inconclusive", "flaky", "changed", "fail", "error"];
const levels = ["must", "should", "observe"];
const key = (row, at) => {
  const text = row.cells[at].textContent;
  if (at === 0) return text;
  return at === 1 ? levels.indexOf(text) : -order.indexOf(text);
};
for (const head of table.tHead.rows[0].cells) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const at = head.cellIndex;
    const rows = [...body.rows].map((row) => [key(row, at), row.cells[0].textContent, row]);
    const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    rows.sort((a, b) => (down ? -1 : 1) * compare(a[0], b[0]) || compare(a[1], b[1]));
    body.append(...rows.map(([, , row]) => row));
  });
}
