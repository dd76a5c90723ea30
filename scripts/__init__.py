"""What developers run; nothing here is imported by the product."""
