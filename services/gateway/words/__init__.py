"""What pages say beside their templates."""
