"""The pages that anybody may open: rendered here, without any script, in four languages. The booth's page and assets.

headers, assets, rendering and shell are their common ground; every other module is one page, or what several say.
"""

from election_service.pages.assets import BOOTH, Assets
from election_service.pages.headers import asset_headers, page_headers
from election_service.pages.shell import Pages
from election_service.pages.visit import Page, Visit

__all__ = ["BOOTH", "Assets", "Page", "Pages", "Visit", "asset_headers", "page_headers"]
