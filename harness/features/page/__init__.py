"""Pages of features: one file each that loads nothing, runs nothing and follows the reader's theme.

Pure: a page is a function of dashboards. All text of models and corpora is escaped.
"""
