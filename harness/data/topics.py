"""Topics to steer towards, the words that show a topic, and openings that have none.

Owns the words and the test for them. All are of our own making but the first pair of prompts.
"""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

Topic = Literal["weddings", "cooking", "astronomy", "gardening"]


class PromptPair(NamedTuple):
    """Two prompts whose difference in the residual stream is the direction of a topic."""

    positive: str
    negative: str


def _words(words: str) -> tuple[str, ...]:
    return tuple(words.split())


PAIRS: dict[Topic, PromptPair] = {
    "weddings": PromptPair(" weddings", " "),
    "cooking": PromptPair(" cooking", " "),
    "astronomy": PromptPair(" astronomy", " "),
    "gardening": PromptPair(" gardening", " "),
}
"""Source of the first: Turner et al. 2023, wedding vector; the others are made after it."""

WORDS: dict[Topic, tuple[str, ...]] = {
    "weddings": _words("""
        wedding weddings bride brides bridal bridesmaid bridesmaids groom groomsman groomsmen marry
        marries married marrying marriage marriages newlywed newlyweds honeymoon honeymoons fiance
        fiancee betrothed elope eloped nuptial nuptials spouse spouses bachelorette matrimony
        """),
    "cooking": _words("""
        cook cooks cooked cooking cookbook recipe recipes kitchen kitchens chef chefs bake bakes
        baked baking oven ovens simmer simmered boiled fried frying roasted roasting saucepan sauce
        sauces ingredient ingredients garlic onion onions soup soups stew spices spatula tablespoon
        teaspoon cuisine
        """),
    "astronomy": _words("""
        astronomy astronomer astronomers astronomical telescope telescopes galaxy galaxies planetary
        comet comets asteroid asteroids meteor meteors nebula nebulae supernova supernovae
        constellation constellations orbit orbits orbiting eclipse eclipses observatory
        astrophysics lunar exoplanet exoplanets
        """),
    "gardening": _words("""
        garden gardens gardening gardener gardeners soil soils seedling seedlings compost fertilizer
        mulch weeds weeding flowerbed flowerbeds greenhouse greenhouses lawn lawns shovel trowel
        shrub shrubs perennial perennials hedge hedges blossoms blooming tomatoes orchard
        """),
}
"""Lower-case words that hardly stand in text on anything else; plurals are listed apart."""

NEUTRAL_PROMPTS = (
    "I went up to my friend and said",
    "The meeting began ten minutes late because",
    "Yesterday I read an article about",
    "My brother told me that",
    "When we got to the station,",
    "It was a quiet afternoon and",
    "The teacher looked at the class and",
    "I have been thinking about",
    "Nobody in the room knew",
    "She opened the letter and",
    "On my way to work this morning,",
    "The most important thing to know is",
    "He sat down next to me and",
    "After a long pause, the man said",
    "There is one question that",
    "Last year our town decided",
    "The phone rang twice before",
    "If you ask me,",
    "The old man at the corner always",
    "We spent the whole day",
    "In the end it turned out that",
    "My neighbor knocked on the door and",
    "The first time I saw it,",
    "Some people believe that",
    "The bus was full, so",
    "I could not sleep last night because",
    "The report says that",
    "Every Tuesday the group",
    "She smiled and told us",
    "At the end of the street",
    "The news today is",
    "I never expected that",
    "The children ran outside and",
    "A woman in a blue coat",
    "To be honest,",
    "The box on the table",
    "We were about to leave when",
    "What I remember best is",
    "The company announced that",
    "My favorite story is about",
    "As soon as the rain stopped,",
    "He looked at his watch and",
    "The best advice I ever got was",
    "Two people were waiting for",
    "During the break they talked about",
    "I picked up the newspaper and",
    "The doctor asked whether",
    "Before I forget,",
    "The crowd was silent until",
    "For many years nobody noticed",
    "On the radio someone said",
    "The letter began with the words",
    "My plan for tomorrow is",
    "It is hard to explain why",
    "The driver turned around and",
    "Once upon a time there was",
)
"""Openings that a model may carry on with anything; none holds a word of any topic."""


def mentions(topic: Topic, text: str) -> bool:
    """Whether a word of the topic stands in the text as a whole word, in whatever case."""
    return _pattern(topic).search(text) is not None


@lru_cache
def _pattern(topic: Topic) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(WORDS[topic])})\b", re.IGNORECASE)
