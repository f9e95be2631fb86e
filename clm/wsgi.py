import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clm.settings")

application = get_wsgi_application()
# All pages are read now, once, by one thread: before the workers fork, and not by the first visitors at once.
loaded_pages = len(get_resolver().url_patterns)
# What is loaded by now stays for good: looking through all of it for garbage would hold up one visitor in fifteen by
# a tenth of a second, and copy the pages of memory that the workers share.
gc.collect()
gc.freeze()
