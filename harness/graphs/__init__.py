"""Attribution-graph files: format, validator, viewer and difference. Free of torch."""
