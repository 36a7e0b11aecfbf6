"""What floating point makes of a formula: exact values, errors in units of the last place, whole scans."""
