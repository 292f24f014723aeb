(function () {
  "use strict";
  var form = document.getElementById("filter");
  function reveal() {
    var id = decodeURIComponent(location.hash.slice(1));
    var node = id && document.getElementById(id);
    for (var at = node; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (node) node.scrollIntoView();
  }
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (one) { one.open = true; });
  });
  reveal();
  if (!form) return;
  var find = document.getElementById("find");
  var boxes = Array.from(form.querySelectorAll("input[type=checkbox]"));
  var shown = document.getElementById("shown");
  var all = Array.from(document.querySelectorAll("details.s")).map(function (node) {
    return { node: node, verdicts: node.dataset.v.split(" "), text: null, cases: Array.from(node.querySelectorAll("details.c")) };
  });
  var heads = Array.from(document.querySelectorAll("h3.g"));
  function apply() {
    var words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    var wanted = boxes.filter(function (box) { return box.checked; }).map(function (box) { return box.value; });
    var count = 0;
    all.forEach(function (one) {
      var fits = one.verdicts.some(function (verdict) { return wanted.includes(verdict); });
      if (fits && words.length) {
        if (one.text === null) one.text = one.node.textContent.toLowerCase();
        fits = words.every(function (word) { return one.text.includes(word); });
      }
      one.node.hidden = !fits;
      if (fits) count += 1;
      one.cases.forEach(function (node) { node.hidden = !wanted.includes(node.dataset.v); });
    });
    heads.forEach(function (head) {
      var next = head.nextElementSibling, any = false;
      for (; next && next.tagName === "DETAILS"; next = next.nextElementSibling) any = any || !next.hidden;
      head.hidden = !any;
    });
    shown.textContent = count + " of " + all.length + " scenarios shown";
  }
  function toggle(open) {
    all.forEach(function (one) {
      if (open && one.node.hidden) return;
      one.node.open = open;
      one.cases.forEach(function (node) { node.open = open; });
    });
  }
  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  find.addEventListener("input", apply);
  boxes.forEach(function (box) { box.addEventListener("change", apply); });
  document.getElementById("open").addEventListener("click", function () { toggle(true); });
  document.getElementById("shut").addEventListener("click", function () { toggle(false); });
  apply();
})();
