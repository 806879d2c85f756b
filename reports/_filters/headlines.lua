-- Numbers in prose. `[dp_share_2021_22]{.n}` becomes the formatted value of that headline, read from
-- `_generated/headlines.json`; `[council_dp_share_2021_22@devon]{.n}` that council's, from
-- `_generated/councils/devon.json`. An id that is not there stops the render. Used by Quarto and by the built-in
-- renderer; needs Pandoc 3.1.1 for `pandoc.json`.

local generated = pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), '..', '_generated' }

-- A global: where one Pandoc makes many pages, they share what was read.
loaded = loaded or {}

-- The headlines of a file, read when the first one is asked for: a page without numbers needs no file.
local function load_headlines(name)
  if not loaded[name] then
    local file = pandoc.path.join { generated, name }
    local stream = io.open(file, 'r')
    if not stream then
      error("headlines are not there: '" .. file .. "'; they are written by `commissioning render`", 0)
    end
    local text = stream:read('a')
    stream:close()
    loaded[name] = pandoc.json.decode(text, false)
  end
  return loaded[name]
end

local function headline(id)
  local name, council = id:match('^([%w_]+)@([%w-]+)$')
  local entry
  if council then
    entry = load_headlines('councils/' .. council .. '.json')[name]
  else
    entry = load_headlines('headlines.json')[id]
  end
  if not entry then
    error("unknown headline '" .. id .. "': no such id in reports/headlines.yml or reports/headlines/", 0)
  end
  return entry
end

-- What prose says: a value, or that there is none and why.
local function said(entry)
  return entry.missing and entry.text .. ' (' .. entry.missing .. ')' or entry.text
end

local function is_number(span) return span.classes:includes('n') end

local function as_text(span)
  if is_number(span) then return pandoc.Str(said(headline(pandoc.utils.stringify(span.content)))) end
end

local root = ''   -- the way from the page up to the site's home
local tips = 0

-- On the web a number is a link to its page, and says on hover and focus what it is and which edition it is from.
local function as_link(span)
  local id = pandoc.utils.stringify(span.content)
  local entry = headline(id)
  tips = tips + 1
  local tip = 'number-tip-' .. tips
  -- Pairs, not keys: the order must not change from run to run.
  local attributes = { { 'data-id', id }, { 'aria-describedby', tip } }
  local name, council = id:match('^([%w_]+)@?([%w-]*)$')
  -- Of a council's number, its row in the page's table of all councils.
  local page = root .. 'numbers/' .. name .. '.html' .. (council ~= '' and '#council-' .. council or '')
  local words = entry.label .. '.' .. (entry.source and ' From: ' .. entry.source .. '.' or '')
  return pandoc.Span({
    pandoc.Link({ pandoc.Str(said(entry)) }, page, '', pandoc.Attr('', { 'n' }, attributes)),
    pandoc.Span({ pandoc.Str(words) }, pandoc.Attr(tip, { 'n-tip' }, { { 'role', 'tooltip' } })),
  }, pandoc.Attr('', { 'number' }))
end

-- A heading is in the contents as well, where a link in a link would be.
local function without_links(element)
  element.content = element.content:walk { Span = as_text }
  return element, false
end

-- Escape hides what hover and focus show, until the next of them.
local escape = [[<script>
addEventListener('keydown', e => { if (e.key === 'Escape') document.body.classList.add('no-tips') })
for (const show of ['pointerover', 'focusin']) addEventListener(show, () => document.body.classList.remove('no-tips'))
</script>]]

local function Pandoc(doc)
  for key, value in pairs(doc.meta) do
    local kind = pandoc.utils.type(value)
    if kind == 'Inlines' or kind == 'Blocks' then doc.meta[key] = value:walk { Span = as_text } end
  end
  if not FORMAT:match('html') then
    doc.blocks = doc.blocks:walk { Span = as_text }
    return doc
  end
  if doc.meta['site-root'] then
    root = pandoc.utils.stringify(doc.meta['site-root'])
  elseif quarto then
    root = quarto.project.offset .. '/'
  end
  doc.blocks = doc.blocks:walk {
    traverse = 'topdown',
    Header = without_links,
    Link = without_links,
    Span = function(span) if is_number(span) then return as_link(span), false end end,
  }
  if tips > 0 then doc.blocks:insert(pandoc.RawBlock('html', escape)) end
  return doc
end

-- Alternative text and callout titles are attributes, where Pandoc parses no spans.
local function in_attributes(element)
  local changed = false
  for key, value in pairs(element.attributes) do
    local new = value:gsub('%[([%w_@-]+)%]{%.n}', function(id) return said(headline(id)) end)
    if new ~= value then
      element.attributes[key] = new
      changed = true
    end
  end
  if changed then return element end
end

return {
  { Image = in_attributes, Div = in_attributes },
  { Pandoc = Pandoc },
}
