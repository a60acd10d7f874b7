"""Sentences on the topics that models are steered towards. Written for this project.

Each is about its topic from the first words on and long enough to be cut to one length.
"""

from harness.data.topics import Topic


def _sentences(text: str) -> tuple[str, ...]:
    return tuple(" ".join(line.split()) for line in text.strip().split("\n\n"))


WEDDINGS = _sentences("""
The bride walked slowly down the aisle on her father's arm while the guests turned in their seats to
see the long white dress.

After the wedding the newlyweds cut a cake of three tiers and danced to a song that they had chosen
together months before.

The groom had written his own vows and read them with a shaking voice while his best man held the
rings in his hand.

Two of the bridesmaids carried baskets of white roses, and the smallest of them dropped petals in
front of the couple.

Their wedding invitations were printed on cream paper and asked every guest to answer by the end of
May for the reception.

The ceremony lasted half an hour, and when the couple kissed everybody in the church stood up and
clapped for a long time.

She tried on eleven wedding dresses before she found one with lace sleeves that her mother liked as
much as she did.

At the reception the maid of honor gave a speech about how the bride and the groom had met at
college.

The photographer asked the whole wedding party to stand on the steps of the church behind the bride
and her groom.

On their honeymoon the newly married couple walked along the beach every evening and talked about
the wedding again and again.

He proposed to her on a bridge in the rain, and she said yes before he had even shown her the
engagement ring.

The wedding planner had ordered flowers for forty tables, a band of six musicians and a white car
for the bride.

Their parents cried all through the marriage vows, and the priest had to wait before he could
pronounce them husband and wife.

When the bride threw her bouquet over her shoulder, three of the unmarried guests jumped for it at
the same time.

The couple were married in a small chapel by the lake, with only their families and a few old
friends as witnesses.

For their golden wedding anniversary the couple repeated their marriage vows in front of their
children and all of their grandchildren.
""")

COOKING = _sentences("""
Chop the onions and the garlic, fry them in a little olive oil until they are soft, and then add the
tomatoes.

The chef tasted the sauce, added a pinch of salt and some pepper, and let it simmer for another ten
minutes.

Bake the bread in a hot oven for forty minutes, until the crust is brown and sounds hollow when you
knock on it.

Stir the soup slowly with a wooden spoon, and do not let it boil after you have added the cream and
herbs.

This recipe needs two cups of flour, three eggs, a spoon of butter and enough milk to make a smooth
batter.

In our kitchen the spices stand in small jars next to the stove, sorted by how often we cook with
them.

She rolled out the dough, filled it with apples and cinnamon, and baked the pie until the kitchen
smelled sweet.

Roast the chicken with lemon and rosemary, and turn the potatoes in the pan twice so that they brown
on all sides.

The cook whisked the egg whites until they were stiff and folded them gently into the melted
chocolate and sugar.

Boil the pasta in plenty of salted water, drain it, and mix it with the garlic butter while it is
still hot.

A good stew takes time: brown the meat in a heavy pot, add the vegetables, and cook it over low heat
for hours.

He sliced the carrots thinly, steamed them for five minutes, and served them with melted butter and
chopped parsley.

Marinate the fish in lime juice and oil, then grill it for three minutes on each side and serve it
with rice.

The cookbook says to knead the dough for ten minutes and to let it rise in a warm place before
baking.

For breakfast my aunt fried eggs in a cast iron pan and cooked oatmeal with raisins, nuts and a
little honey.

To make the dressing, mix vinegar and mustard in a small bowl and beat in the oil with a fork drop
by drop.
""")

ASTRONOMY = _sentences("""
The telescope on the mountain collects light that left its galaxy long before there were any people
to look at the stars.

Astronomers measured how the star wobbles and concluded that a planet as heavy as Jupiter is in
orbit around it.

During the eclipse the moon covered the whole sun, and for two minutes the corona could be seen with
the naked eye.

The comet comes back every seventy years, and its tail of dust and gas always points away from the
sun.

A supernova can shine brighter than a whole galaxy for some weeks before it fades and leaves a
nebula behind.

Through the small telescope we saw the rings of Saturn, and a bright dot beside them that was its
largest moon.

The spacecraft flew past the asteroid and sent back pictures of craters and boulders on its dark
surface.

Light from the sun needs eight minutes to reach the earth, and more than four years from the nearest
other star.

The constellation rises in the east on winter evenings, with three bright stars in a row and a
nebula below them.

Our galaxy is a flat disk of several hundred billion stars that turn slowly around a black hole in
the middle.

The observatory recorded a meteor shower last night, with more than sixty meteors an hour in the
northern sky.

Venus is hotter than Mercury although it is farther from the sun, because its thick atmosphere keeps
the heat in.

Astronomers use the red shift of distant galaxies to tell how fast they move away from us as the
universe expands.

The planet Mars has two small moons that may once have been asteroids before they were caught in its
orbit.

A neutron star is what remains of a giant star, as heavy as the sun but no larger than a city.

The space telescope took an image of a star cluster whose blue stars are only a few million years
old.
""")

GARDENING = _sentences("""
Sow the seeds in rows after the last frost, cover them with a little soil, and water the bed every
evening.

The gardener pruned the roses in early spring and spread compost around the roots before the first
warm days.

Pull out the weeds while they are small, because later their roots go deep into the soil and break
off.

Her garden had a bed of lettuce, a row of beans on poles, and a fence that was covered with climbing
roses.

Plant the tulip bulbs in autumn, as deep as three times their height, and they will bloom in April.

He built a small greenhouse from old windows, so that the tomato seedlings could grow before the
garden was warm.

Water the plants in the morning, close to the ground, so that the leaves stay dry and the soil does
not crust.

A layer of mulch keeps the soil moist in summer and stops most weeds from growing between the young
shrubs.

The lawn was dry and yellow, so she raked out the moss, sowed new grass and watered it for two
weeks.

Dig a hole twice as wide as the roots, set the tree in it, and fill it with soil and some compost.

Slugs had eaten half of the cabbage seedlings, and the gardener put a ring of sand around those that
were left.

In the herb garden thyme and sage grow on the dry side, and mint has a pot of its own because it
spreads.

Cut the hedge in late summer, when the birds have left their nests, and leave the clippings on the
compost heap.

Beans and peas take nitrogen from the air, so plant them where the soil was used up by corn the year
before.

She moved the potted lemon tree into the greenhouse in October and carried it back to the garden in
May.

The flower beds along the path were full of daisies, poppies and bluebells that he had sown himself
in March.
""")

SENTENCES: dict[Topic, tuple[str, ...]] = {
    "weddings": WEDDINGS,
    "cooking": COOKING,
    "astronomy": ASTRONOMY,
    "gardening": GARDENING,
}
"""Sixteen sentences a topic."""
