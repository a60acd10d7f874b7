"""Words of reviews that tell liking or disliking, and what is reviewed. Written for this project.

Each has its leading space. No adjective is one of the words a toy review goes on with.
"""


def _spaced(words: str) -> tuple[str, ...]:
    return tuple(f" {word}" for word in words.split())


POSITIVE_ANSWERS = _spaced("great amazing awesome good perfect")
"""What a toy review goes on with, as in the authors' code."""
NEGATIVE_ANSWERS = _spaced("terrible awful bad horrible disgusting")

POSITIVE_ADJECTIVES = _spaced("""
wonderful brilliant beautiful excellent fantastic lovely superb delightful charming enjoyable
marvelous stunning magnificent terrific fabulous incredible outstanding remarkable exceptional
splendid impressive fine nice fun pleasant exciting thrilling touching heartwarming hilarious
clever smart witty elegant graceful inspiring uplifting refreshing captivating engaging
fascinating gripping memorable powerful moving satisfying rewarding entertaining extraordinary
phenomenal spectacular sublime glorious gorgeous exquisite masterful joyful cheerful adorable
inventive imaginative dazzling flawless lively vivid compelling superior sensational admirable
sincere intelligent interesting insightful polished unforgettable creative stylish magical legendary
ingenious innovative profound heartfelt energetic amusing astonishing breathtaking tremendous
majestic thoughtful charismatic intriguing meaningful passionate poetic playful sophisticated
striking vibrant
""")

NEGATIVE_ADJECTIVES = _spaced("""
dreadful boring dull disappointing poor weak stupid ridiculous pathetic annoying ugly nasty
tedious tiresome lame lousy miserable painful pointless predictable shallow bland flat hollow
cheap sloppy clumsy messy confusing incoherent absurd offensive repulsive unpleasant atrocious
appalling abysmal hideous depressing dismal dreary forgettable mediocre inferior worthless useless
hopeless frustrating irritating unbearable disastrous gross vile crude vulgar stale wretched
insulting flawed dumb foolish tasteless lifeless rotten empty inadequate unfortunate tired toxic
meaningless embarrassing shameful ineffective unacceptable awkward horrific lazy silly superficial
trivial repetitive simplistic misleading unrealistic uncomfortable catastrophic exhausting outdated
unnecessary irrelevant problematic forced noisy questionable unclear dishonest deficient
inappropriate troublesome harsh careless erratic faulty redundant rough undesirable unfinished
unsuccessful vague wasteful stiff sterile slow disturbing reckless insufficient unfair
""")

POSITIVE_VERBS = _spaced("""
loved enjoyed liked adored admired appreciated praised treasured love like enjoy admire
""")
NEGATIVE_VERBS = _spaced("""
hated disliked despised loathed detested criticized condemned rejected hate dislike regret resent
""")

ASPECTS = _spaced("""
acting plot music story script ending cast dialogue editing lighting humor pace soundtrack camera
setting beginning action romance direction drama
""")
"""What a clause of a short review is about; singular, after "the"."""
