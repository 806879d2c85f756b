-- The briefs' own blocks (finding, key-points, sources, cite) in Typst, where classes have no style, and the
-- colophon that says what rendered the page. Used by Quarto and by the built-in renderer.

-- class -> Typst function (`cite` is Typst's own)
local blocks = { finding = 'finding', ['key-points'] = 'key-points', sources = 'sources', cite = 'cite-block' }

local function colophon()
  local text = os.getenv('COMMISSIONING_COLOPHON')
  if text then return text end
  return quarto and 'Rendered by Quarto ' .. table.concat(quarto.version, '.') or 'Rendered by Pandoc'
end

local function Div(div)
  if FORMAT ~= 'typst' then return nil end
  for class, name in pairs(blocks) do
    if div.classes:includes(class) then
      local content = pandoc.Blocks { pandoc.RawBlock('typst', '#' .. name .. '[') }
      content:extend(div.content)
      content:insert(pandoc.RawBlock('typst', ']'))
      return content
    end
  end
end

-- A sentence all in bold says what the figure below it shows: on paper they stay together.
local function Para(para)
  if FORMAT ~= 'typst' or #para.content ~= 1 or para.content[1].t ~= 'Strong' then return nil end
  return { pandoc.RawBlock('typst', '#block(sticky: true)['), para, pandoc.RawBlock('typst', ']') }
end

-- A financial year (2014-15) does not break at its hyphen.
local function Str(str)
  if not str.text:match('^%d%d%d%d%-%d%d') then return nil end
  if FORMAT:match('html') then return pandoc.Span({ str }, pandoc.Attr('', { 'year' })) end
  if FORMAT == 'typst' then
    return { pandoc.RawInline('typst', '#box['), str, pandoc.RawInline('typst', ']') }
  end
end

local function Pandoc(doc)
  local text = colophon()
  doc.meta.colophon = pandoc.MetaString(text)
  -- The built-in renderer's template has a footer of its own.
  if quarto and FORMAT:match('html') then
    doc.blocks:insert(pandoc.RawBlock('html', '<footer class="colophon">'))
    doc.blocks:insert(pandoc.Plain { pandoc.Str(text) })
    doc.blocks:insert(pandoc.RawBlock('html', '</footer>'))
  end
  return doc
end

return { { Div = Div, Para = Para, Str = Str }, { Pandoc = Pandoc } }
