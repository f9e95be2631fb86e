import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clm.settings")

application = get_wsgi_application()
# All pages are read now, once, by one thread: before the workers fork, and not by the first visitors at once.
loaded_pages = len(get_resolver().url_patterns)
