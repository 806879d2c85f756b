-- One Pandoc process that makes many pages, for the built-in renderer (batch.py). Starting Pandoc takes longer
-- than making a page. Run by `pandoc lua batch.lua`: standard input is a line of settings, then a line for each
-- page; for each page it writes the file and answers with a line, `{}` or `{"error": …}`. All of it is JSON.
--
-- settings: from, to, template, filters, metadata
-- a page:   text, output, metadata, variables, toc

local json = pandoc.json

local function inherit(own) return setmetatable(own, { __index = _G }) end

local settings = json.decode(io.read('l'), false)

local stream = assert(io.open(settings.template, 'r'))
local template = pandoc.template.compile(stream:read('a'), settings.template)
stream:close()

-- What a filter finds around it under `pandoc --filter`. It is the same table for every page, so that a filter
-- may keep in a global what is the same for all.
local environments = {}
for _, filter in ipairs(settings.filters) do
  environments[filter] = inherit { FORMAT = settings.to, PANDOC_SCRIPT_FILE = filter }
end

local function render(page)
  local doc = pandoc.read(page.text, settings.from)
  for key, value in pairs(page.metadata) do doc.meta[key] = pandoc.MetaString(value) end
  for _, filter in ipairs(settings.filters) do
    doc = pandoc.utils.run_lua_filter(doc, filter, environments[filter])
  end
  local options = pandoc.WriterOptions {
    template = template,
    variables = page.variables,
    table_of_contents = page.toc,
    toc_depth = 3,
    wrap_text = 'none',
    html_math_method = 'mathml',
    email_obfuscation = 'none',
    highlight_method = 'none',
  }
  local out = assert(io.open(page.output, 'wb'))
  out:write(pandoc.write(doc, settings.to, options))
  assert(out:close())
end

for line in io.lines() do
  local done, problem = pcall(render, json.decode(line, false))
  io.write(json.encode(done and { done = true } or { error = tostring(problem) }), '\n')
  io.flush()
end
