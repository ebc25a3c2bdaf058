"""Who asks and what they may: one layer for REST, pages, the admin and live connections."""
