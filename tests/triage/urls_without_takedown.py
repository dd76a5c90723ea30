"""The project's addresses without the takedown room's."""

from jikimi.urls import urlpatterns as project

urlpatterns = [entry for entry in project if getattr(entry, "namespace", "") != "takedown"]
