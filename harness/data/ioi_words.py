"""Names, places and objects of the prompts about giving. Written for this project.

Each has its leading space. Names are plain English first names that are no common word besides;
places follow "the" and objects "a" or "the", so no object begins with a vowel.
"""


def _spaced(words: str) -> tuple[str, ...]:
    return tuple(f" {word}" for word in words.split())


NAMES = _spaced("""
Aaron Adam Alan Albert Alex Alice Amanda Amy Andrea Andrew Angela Anna Anne Anthony Barbara
Benjamin Betty Brandon Brian Bruce Carl Carol Caroline Catherine Charles Charlotte Chris Christina
Claire Craig Daniel David Deborah Dennis Diana Donald Donna Dorothy Douglas Edward Elizabeth Ellen
Emily Emma Eric Evelyn Fred Gary George Gerald Gregory Hannah Harold Harry Heather Helen Henry
Howard Jack Jacob James Jane Jason Jeff Jennifer Jeremy Jessica Jim Joan Joe John Jonathan Joseph
Joshua Julia Julie Karen Kate Katherine Keith Kelly Kenneth Kevin Kyle Larry Laura Lauren Linda Lisa
Louis Lucy Margaret Maria Marie Martha Martin Mary Matthew Megan Melissa Michael Michelle Nancy
Nathan Nicholas Nicole Oliver Pamela Patricia Patrick Paul Peter Philip Rachel Ralph Rebecca Richard
Robert Roger Ronald Roy Russell Ruth Ryan Samantha Samuel Sandra Sarah Scott Sean Sharon Simon
Stephanie Stephen Steven Susan Teresa Thomas Timothy Tom Tony Vincent Walter
William
""")

PLACES = _spaced("""
store school park office station garden house restaurant hospital museum library market theater
beach hotel church farm airport gym bank
""")

OBJECTS = _spaced("""
drink book ring ball gift letter ticket flower key map coin box bag hat cup pen phone card basket
picture
""")
