"""The sources of the site's pages, made from the published marts: numbers, councils, checks, charts."""
