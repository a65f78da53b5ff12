"""The web pages of the watch floor: made whole by the node, served beside its API (docs/adr/0056, 0057).

May import `api` and below. Read `app` first, which puts the routes together; then `gate`, what every request passes;
`pages`, how templates are filled; `acts`, the one way from a page to a statement. A page is a module like
`watch_pages`, with the view behind it in a module of its own (`watch`) and its template in `templates`. What pages load
is built from `web/`.
"""
