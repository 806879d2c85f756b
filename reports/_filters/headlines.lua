-- Numbers in prose. `[dp_share_2021_22]{.n}` becomes the formatted value of that headline, read from
-- `_generated/headlines.json`. An id that is not there stops the render. Used by Quarto and by the built-in
-- renderer; needs Pandoc 3.1.1 for `pandoc.json`.

local file = pandoc.path.join {
  pandoc.path.directory(PANDOC_SCRIPT_FILE), '..', '_generated', 'headlines.json'
}

local headlines

-- The headlines, read when the first one is asked for: a page without numbers needs no file.
local function load_headlines()
  local stream = io.open(file, 'r')
  if not stream then
    error("headlines are not there: '" .. file .. "'; they are written by `commissioning render`", 0)
  end
  local text = stream:read('a')
  stream:close()
  return pandoc.json.decode(text, false)
end

local function headline(id)
  headlines = headlines or load_headlines()
  local entry = headlines[id]
  if not entry then
    error("unknown headline '" .. id .. "': no such id in reports/headlines.yml", 0)
  end
  return entry
end

local function Span(span)
  if not span.classes:includes('n') then return nil end
  local id = pandoc.utils.stringify(span.content)
  local entry = headline(id)
  if not FORMAT:match('html') then return pandoc.Str(entry.text) end
  -- Pairs, not keys: the order must not change from run to run.
  local attributes = { { 'data-id', id } }
  if entry.label then table.insert(attributes, { 'title', entry.label }) end
  return pandoc.Span({ pandoc.Str(entry.text) }, pandoc.Attr('', { 'n' }, attributes))
end

-- Alternative text and callout titles are attributes, where Pandoc parses no spans.
local function in_attributes(element)
  local changed = false
  for key, value in pairs(element.attributes) do
    local new = value:gsub('%[([%w_]+)%]{%.n}', function(id) return headline(id).text end)
    if new ~= value then
      element.attributes[key] = new
      changed = true
    end
  end
  if changed then return element end
end

return {
  { Image = in_attributes, Div = in_attributes },
  { Span = Span },
}
