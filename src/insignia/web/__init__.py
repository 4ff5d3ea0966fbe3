"""The door for people: HTML pages. Load, one domain call, render; the logic lies in the domains below.

A domain's pages are `web/<domain>/{urls,views,forms}.py`, `web/templates/<domain>/`, `web/locale/es/<domain>.po`.

- A page extends `base.html` and fills `title` and `content`; `head` and `scripts` where it needs more.
- The template tags of `templatetags/insignia.py` are built in; /styleguide (demo mode) shows every component.
- A view asks `visitor.person_of(request)` who is looking, and lets the domain's errors rise:
  `middleware.DomainErrors` answers with a page, or with a problem document where JSON is asked for.
  A form shows an `Invalid` itself: `form.add_error(field, text)` for each of `error.fields`, status 422.
- A POST ends in 303. What changes nothing is a GET. A fragment's address alone gives the whole page.
- What needs a fresh proof of the person: `allauth.account.decorators.reauthentication_required`.
- Addresses whose secrecy protects something start with /s/, /claim/ or /invitations/: no Referer, no cache.
- The head links these names when they exist: see `navigation.LINKS`; the start page: `home.doors.DOORS`;
  what waits for a person on the start page: a function in `home.doors.TASK_SOURCES`.
"""
