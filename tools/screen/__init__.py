"""Static refusal of what no honest product code needs."""
