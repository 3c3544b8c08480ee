const bar = document.getElementById("filter");
bar.hidden = false;
bar.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  for (const each of bar.children) each.setAttribute("aria-pressed", String(each === button));
  for (const rule of document.querySelectorAll(".rule")) {
    const checks = [...rule.querySelectorAll(".check")];
    for (const check of checks) check.hidden = button.value !== "" && check.dataset.verdict !== button.value;
    const shown = checks.some((check) => !check.hidden);
    rule.hidden = button.value !== "" && !shown;
    if (button.value !== "") rule.open = shown;
  }
});
