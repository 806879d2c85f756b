/* Search across the site. The index is a script and not JSON: a page opened from disk may not fetch a file. It is
   loaded when a search box is first used. Without scripts the boxes lead to a page that lists what there is. */
(function () {
  'use strict';
  var root = document.currentScript.getAttribute('data-root') || '';
  var waiting = null;

  function withIndex(use) {
    if (window.SITE_INDEX) { use(window.SITE_INDEX); return; }
    if (waiting) { waiting.push(use); return; }
    waiting = [use];
    var script = document.createElement('script');
    script.src = root + 'search-index.js';
    script.onload = function () { waiting.forEach(function (f) { f(window.SITE_INDEX); }); };
    document.head.appendChild(script);
  }

  function plain(text) {
    return text.toLowerCase().normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/&/g, 'and').replace(/[^a-z0-9]+/g, ' ').trim();
  }

  /* Pages that hold every word of the query, or a word that begins so; those with it in the title first. */
  function find(index, query, kind, limit) {
    var words = plain(query).split(' ').filter(Boolean);
    if (!words.length) { return []; }
    var found = [];
    index.forEach(function (entry) {
      if (kind && entry[2] !== kind) { return; }
      var title = ' ' + plain(entry[0]), all = title + ' ' + entry[4];
      var score = 0;
      for (var i = 0; i < words.length; i++) {
        if (all.indexOf(' ' + words[i]) < 0) { return; }
        if (title.indexOf(' ' + words[i]) >= 0) { score += 10; }
      }
      if (title.trim() === words.join(' ')) { score += 100; }
      if (title.indexOf(' ' + words.join(' ')) === 0) { score += 20; }
      found.push([score - title.length / 100, entry]);
    });
    found.sort(function (a, b) { return b[0] - a[0]; });
    return found.slice(0, limit).map(function (pair) { return pair[1]; });
  }

  function item(entry) {
    var li = document.createElement('li'), a = document.createElement('a'), kind = document.createElement('span');
    a.href = root + entry[1];
    a.textContent = entry[0];
    kind.textContent = entry[2];
    kind.className = 'kind';
    li.append(a, ' ', kind);
    return li;
  }

  function attach(form) {
    var input = form.querySelector('input[type=search]');
    var kind = form.getAttribute('data-kind');
    var list = document.createElement('ul');
    list.className = 'suggestions';
    list.hidden = true;
    list.setAttribute('aria-label', 'Pages found');
    form.appendChild(list);
    var status = document.createElement('p');
    status.className = 'visually-hidden';
    status.setAttribute('role', 'status');
    form.appendChild(status);

    function show() {
      withIndex(function (index) {
        var found = find(index, input.value, kind, 8);
        list.replaceChildren.apply(list, found.map(item));
        list.hidden = !found.length;
        status.textContent = plain(input.value) ? (found.length ? found.length + ' pages found' : 'Nothing found') : '';
      });
    }
    function close() { list.hidden = true; }
    input.addEventListener('focus', function () { withIndex(function () {}); });
    input.addEventListener('input', show);
    form.addEventListener('keydown', function (event) {
      var links = Array.from(list.querySelectorAll('a'));
      var at = links.indexOf(document.activeElement);
      if (event.key === 'Escape') { close(); input.focus(); }
      if (event.key === 'ArrowDown' && links.length && !list.hidden) { event.preventDefault(); links[Math.min(at + 1, links.length - 1)].focus(); }
      if (event.key === 'ArrowUp' && at >= 0) { event.preventDefault(); (at ? links[at - 1] : input).focus(); }
    });
    form.addEventListener('focusout', function (event) { if (!form.contains(event.relatedTarget)) { close(); } });
    form.addEventListener('submit', function (event) {
      var only = list.querySelectorAll('a');
      if (kind && !list.hidden && only.length === 1) { event.preventDefault(); window.location.href = only[0].href; }
    });
  }

  function results() {
    var list = document.getElementById('search-results');
    if (!list) { return; }
    var query = new URLSearchParams(window.location.search).get('q') || '';
    document.getElementById('search-words').value = query;
    if (!query) { return; }
    withIndex(function (index) {
      var found = find(index, query, null, 100);
      list.replaceChildren.apply(list, found.map(function (entry) {
        var li = item(entry);
        if (entry[3]) {
          var about = document.createElement('p');
          about.textContent = entry[3];
          li.appendChild(about);
        }
        return li;
      }));
      document.getElementById('search-status').textContent =
        found.length ? found.length + (found.length === 1 ? ' page found' : ' pages found') : 'Nothing found for “' + query + '”';
    });
  }

  document.querySelectorAll('form.search').forEach(function (form) {
    if (!document.getElementById('search-results') || form.closest('header')) { attach(form); }
  });
  results();
})();
