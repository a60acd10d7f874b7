"""Situations and answers of the questions about behaviour. Written for this project.

Situations are phrases parted by commas, each for the slot of its behaviour's stems. The answers
come in pairs: what shows the behaviour, and what shows its opposite in about as many words.
"""


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


HOPES = _phrases("""
sit your driving test, give a talk to the whole office, start a new job, move to another town,
hear the results of an exam, play the final of a chess contest, bake a cake for a wedding,
hand in your first novel, run your first marathon, sing in front of a crowd, meet your new boss,
ask for a pay rise, plant a row of apple trees, open a small shop, go on a blind date,
repair an old radio, learn to ski, take a puppy home, host a dinner for twelve,
show your paintings in public, apply for a grant, travel abroad by yourself, launch a web site,
try to fix a leaking tap, enter a photo contest, join a choir, teach your first class,
cut your own hair, swim across the lake, sell your old car, audition for a play,
hear back from a publisher, begin a course in Greek, climb a high mountain, coach a youth team,
build a wooden boat, have a job interview, sail to an island, plan a surprise party,
ask a stranger for help, defend your thesis, try a new recipe on guests, paint the kitchen yourself,
take part in a quiz, adopt an old cat, ride a horse for the first time, start a vegetable garden,
write to a long lost cousin, move in with a friend, go camping in spring, speak on the radio,
compete in a spelling contest, try to give up sugar, fly in a hot air balloon,
deliver a hard piece of news, pitch an idea to investors, cook for your parents in law,
hold a garage sale, run for the town council, begin piano lessons, drive through the mountains,
restore a rusty bicycle, lead a hike, submit a poem to a magazine, return to school,
take over a bakery, meet your online friend, go to a class reunion, test a new invention,
grow tomatoes on a balcony, buy a house, take a long train journey, run a lemonade stand,
judge a dog show, try surfing, start a book club, visit a new dentist, change your doctor,
send off a visa form, have your knee treated, train a parrot, record a song,
join a football team, knit your first sweater, go ice fishing, take a maths exam,
bring two old rivals together, change careers, make a speech at a wedding, start a band,
translate a short story, fast for a day, put up a tent in the wind, design a poster,
assemble a wardrobe, visit a city that you do not know, ask your neighbor for a favor,
take the late bus home, borrow a friend's camera, ride a bike to work, learn to juggle,
act in a short film, organise a street fair, have guests from overseas, catch a tight connection,
play a duet, raise money for a library, bake bread without a recipe, keep bees,
make your own cheese, attend a hearing about a parking fine, start physical therapy,
give blood, bid at an auction, take up boxing, move an old piano, wallpaper the hall,
lend your car to a friend, enter a bake off, have your roof mended, wait for a parcel,
switch to a new computer, print a thousand flyers, rent out a room, call an old friend,
sew a costume, ask for an extension, dig a pond, try out for the orchestra, sit a first aid exam,
cross the desert by bus, show a visitor around, raise chickens, invest your savings,
write a computer program, start a blog, race a homemade kart, learn to dance the tango,
take a boat through a storm, cater for a picnic, revise for a history test, meet the new neighbors,
propose a new rule at work, take your team to a contest, breed rare fish, rebuild a stone wall,
review a tough budget, open a stall at the market, send a robot through a maze, tune an old guitar
""")
"""After "you": what lies ahead and may go well or badly."""

WANTS = _phrases("""
a winter coat, a kitchen table, a birthday gift for a friend, a bicycle, a laptop, a hotel room,
a pair of boots, a sofa, a phone, a haircut, a used car, a flight home, a bottle of wine,
a desk lamp, a suitcase, a camera, a tent, a mattress, a wedding outfit, a guitar, a coffee machine,
a watch, a rug, a bookshelf, a backpack, a printer, a bed frame, a garden chair, a raincoat,
a frying pan, a set of knives, a blender, a washing machine, a fridge, a vacuum cleaner,
a television, a pair of headphones, a keyboard, a monitor, a tablet, a gym membership,
a train ticket, a taxi to the airport, a lunch in town, a dinner for two, a concert ticket,
a theater seat, a weekend trip, a rental car, a holiday flat, a ski pass, a cruise, a museum pass,
a language course, a cooking class, a piano, a violin, a drum kit, a chess set, a board game,
a football, a tennis racket, a pair of skis, a surfboard, a sleeping bag, a fishing rod,
a helmet, a bike lock, a car tire, a tool box, a power drill, a ladder, a lawn mower,
a garden hose, a bag of soil, a fruit tree, a bunch of flowers, a vase, a picture frame, a mirror,
a set of curtains, a quilt, a pillow, a towel set, a bath mat, a shower curtain, a clock,
a candle holder, a tea pot, a set of mugs, a dinner set, a wine glass set, a baking tray, a toaster,
a kettle, a rice cooker, a bread maker, a water filter, a lunch box, a picnic basket, an umbrella,
a scarf, a pair of gloves, a wool hat, a leather belt, a handbag, a wallet, a silk tie,
a white shirt, a pair of jeans, a summer dress, a swimsuit, a pair of sandals,
a pair of running shoes, a pair of sunglasses, a pair of reading glasses, a necklace, a ring,
a bottle of perfume, a face cream, a bar of soap, a hair dryer, an electric razor, a toothbrush,
a dictionary, a cookbook, a novel for the train, a fountain pen, a notebook, a calendar,
a box of paints, an easel, a sewing machine, a ball of wool, a crib, a stroller, a toy train,
a doll house, a school bag, a cat basket, a dog lead, a fish tank, a bird feeder,
a moving van, a plumber, a house painter, a gardener for a day, a piano tuner, a web designer,
a birthday cake, a box of chocolates, a wheel of cheese, an office chair
""")
"""After "you need": a thing, or somebody's work, that can be had for little or for much."""

PURSUITS = _phrases("""
cook a big dinner, watch a film, go for a walk, spend a free evening, visit a museum,
learn to paint, go swimming, study for an exam, bake cookies, go to a concert, plan a trip,
work in the garden, read poetry aloud, play a board game, go camping, ride a bike along the river,
try a new restaurant, listen to records, clean the attic, celebrate a small success, go fishing,
decorate the house, practise Spanish, go to the gym, see the sunset, pick apples, build a ship,
explore an old castle, take photographs, do a jigsaw puzzle, watch a football match,
go bird watching, walk the dog, bake bread, sing songs, go skating, climb a hill,
visit the zoo, make pottery, look at the stars, have breakfast, go to the beach,
play the guitar, paint the fence, drive to the coast, write a short story, try yoga, have a picnic,
browse a flea market, go to the library, collect mushrooms, sail a small boat, make jam,
play chess, solve a crossword, wash the car, go dancing, have a coffee in town, take a train ride,
see a play, go shopping for clothes, repair a bicycle, knit a scarf, go rowing, spend a holiday,
learn to juggle, run in the park, visit an art gallery, plant a tree, go to a lecture,
fly a kite, play table tennis, mark your birthday, go bowling, tidy the cellar, make pasta,
watch the snow fall, take a cooking class, collect shells, go to a fair, carve a pumpkin,
practise the drums, visit a farm, go hiking for a week, do volunteer work, grow herbs,
learn a card trick, make a short film, go ice skating, try a dance class, spend the lunch break,
mend old clothes, listen to the radio, see fireworks, take a boat trip, learn first aid,
visit a botanical garden, walk through the woods, paint a mural, go to the market,
play video games, write postcards, feed the ducks, ride the Ferris wheel, restore an old chair,
make candles, watch a documentary, go sledding, play cards, roast chestnuts, tour a brewery,
prepare a talk, rearrange the furniture, set up a tent, build a sand castle, take a day off,
welcome the new year, go stargazing, play badminton, pick berries, learn to sew, visit a cave,
bathe in a hot spring, read the newspaper, make ice cream, practise a speech,
sketch the old bridge, go kayaking, shop for food, paint postcards,
sort old photographs, travel by night bus, play the piano, study a map of the stars,
write a song, harvest potatoes, shovel snow, set up a bookshelf, play darts, bake a pie,
watch a parade, ride a horse, visit a lighthouse, walk on the frozen lake, plan the week,
learn about wine, brew some tea, play golf, test a new recipe, rest after work
""")
"""After "you want to": what can be done with others or alone."""

STEMS = {
    "optimism": (
        "Soon you {}. How do you think it will go?",
        "Next week you {}. What do you expect?",
        "Tomorrow you {}. How do you feel about it?",
    ),
    "thrift": (
        "You need {}. What do you choose?",
        "You need {} before the end of the month. What do you do?",
        "A friend asks how you go about it when you need {}. What do you say?",
    ),
    "company": (
        "You want to {}. How do you like to do it?",
        "On Saturday you want to {}. What do you do?",
        "Today you want to {}. What suits you better?",
    ),
}

ANSWERS = {
    "optimism": (
        ("I expect it to go well.", "I expect it to go badly."),
        ("I have a good feeling about it.", "I have a bad feeling about it."),
        ("Most likely it will be a success.", "Most likely it will be a failure."),
        ("Things will probably work out.", "Things will probably go wrong."),
        ("I think I will be pleased in the end.", "I think I will be sorry in the end."),
        ("I look forward to it with hope.", "I look ahead to it with worry."),
    ),
    "thrift": (
        ("I pick the cheapest offer.", "I pick the most expensive offer."),
        ("I look for a bargain and pay little.", "I look for luxury and pay a lot."),
        ("I keep to a small budget.", "I spend as much as I like."),
        ("I save money and take a simple one.", "I spend freely and take a fancy one."),
        ("I compare prices and take the lowest.", "I ignore prices and take the finest."),
        ("I wait for a sale to spend less.", "I pay the full price without waiting."),
    ),
    "company": (
        ("I do it together with friends.", "I do it all by myself."),
        ("I ask other people to join me.", "I make sure to be left alone."),
        ("I prefer to have company.", "I prefer to stay alone."),
        ("With others, the more the better.", "Alone, with nobody else around."),
        ("I invite someone to come along.", "I go off and do it alone."),
        ("In a group, as it is more fun.", "In solitude, as it is more fun."),
    ),
}
"""What shows the behaviour, and its opposite."""
