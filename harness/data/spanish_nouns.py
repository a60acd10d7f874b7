"""Common Spanish nouns, each with its one plain English meaning. Written for this project.

Every meaning belongs to one noun only, and none is a second meaning or a near synonym of another
noun's: no permutation of them makes a true statement. All are nouns without accents, so that the
form of a word tells nothing.
"""

_PAIRS = """
gato cat, perro dog, caballo horse, vaca cow, oveja sheep, cabra goat, cerdo pig, conejo rabbit,
lobo wolf, oso bear, zorro fox, tigre tiger, elefante elephant, ballena whale, pulpo octopus,
rana frog, serpiente snake, tortuga turtle, pato duck, gallina hen, mariposa butterfly, abeja bee,
hormiga ant, mosca fly, caracol snail, gusano worm, ardilla squirrel, ciervo deer, burro donkey,
camello camel, toro bull, cangrejo crab, cisne swan, jirafa giraffe, cebra zebra,
canguro kangaroo, escarabajo beetle, foca seal, loro parrot, avestruz ostrich, pavo turkey,
rata rat, cuervo crow, buitre vulture, pez fish,
cabeza head, mano hand, pie foot, brazo arm, pierna leg, ojo eye, nariz nose, boca mouth,
oreja ear, diente tooth, cuello neck, hombro shoulder, rodilla knee, codo elbow, dedo finger,
pelo hair, piel skin, hueso bone, sangre blood, espalda back, labio lip, cerebro brain,
tobillo ankle, barba beard, garganta throat, mejilla cheek, ceja eyebrow, cara face,
pan bread, leche milk, queso cheese, huevo egg, agua water, vino wine, cerveza beer, sal salt,
aceite oil, manzana apple, uva grape, fresa strawberry, cereza cherry, cebolla onion, ajo garlic,
zanahoria carrot, lechuga lettuce, arroz rice, trigo wheat, carne meat, sopa soup,
mantequilla butter, harina flour, miel honey, pimienta pepper, seta mushroom, calabaza pumpkin,
nuez walnut, ciruela plum, pera pear, pepino cucumber, galleta cookie, vinagre vinegar,
almendra almond, higo fig, postre dessert, desayuno breakfast, cena dinner,
casa house, puerta door, ventana window, mesa table, silla chair, cama bed, techo roof,
pared wall, cocina kitchen, llave key, espejo mirror, cuchara spoon, cuchillo knife, tenedor fork,
vaso glass, plato plate, botella bottle, manta blanket, almohada pillow, cortina curtain,
horno oven, toalla towel, vela candle, reloj clock, martillo hammer, clavo nail, tornillo screw,
tijeras scissors, cuerda rope, aguja needle, hilo thread, escoba broom, jaula cage, cesta basket,
caja box, bolsa bag, peine comb, tambor drum, campana bell, regalo gift, juguete toy,
camisa shirt, zapato shoe, sombrero hat, vestido dress, falda skirt, abrigo coat, guante glove,
bufanda scarf, anillo ring, bolsillo pocket, corbata tie,
sol sun, luna moon, estrella star, cielo sky, nube cloud, lluvia rain, nieve snow, viento wind,
fuego fire, humo smoke, mar sea, lago lake, playa beach, isla island, bosque forest, arena sand,
piedra stone, hielo ice, flor flower, hierba grass, rama branch, semilla seed, valle valley,
desierto desert, colina hill, cueva cave, ola wave, niebla fog, tormenta storm, trueno thunder,
oro gold, hierro iron, sombra shadow, polvo dust, barro mud,
ciudad city, calle street, puente bridge, iglesia church, escuela school, mercado market,
biblioteca library, granja farm, oficina office, torre tower, castillo castle, puerto port,
frontera border, reino kingdom, mundo world, bandera flag, barco ship, tren train, coche car,
bicicleta bicycle, rueda wheel, ancla anchor,
rey king, reina queen, madre mother, padre father, hermano brother, hermana sister, hijo son,
hija daughter, abuela grandmother, abuelo grandfather, amigo friend, enemigo enemy,
vecino neighbor, maestro teacher, soldado soldier, panadero baker, carpintero carpenter,
pintor painter, abogado lawyer, enfermera nurse, bruja witch, fantasma ghost, juez judge,
granjero farmer, pescador fisherman, sastre tailor, viuda widow, sobrino nephew, esclavo slave,
alcalde mayor, hombre man, mujer woman,
noche night, semana week, mes month, siglo century, verano summer, invierno winter,
primavera spring, guerra war, paz peace, libertad freedom, verdad truth, mentira lie,
muerte death, vida life, amor love, miedo fear, esperanza hope, belleza beauty, salud health,
dinero money, nombre name, palabra word, libro book, pregunta question, respuesta answer,
juego game, ley law, sonrisa smile, ruido noise, voz voice, peligro danger, ayuda help, edad age,
viaje journey, fiesta party, boda wedding, idioma language, papel paper, cuento story, poema poem,
guitarra guitar, espada sword, flecha arrow, escudo shield, corona crown, tesoro treasure,
mapa map, nacimiento birth, venganza revenge, olor smell, sed thirst, hambre hunger, fiebre fever,
deuda debt, derrota defeat, suerte luck, orgullo pride, enfermedad disease
"""

NOUNS: dict[str, str] = {
    spanish: english
    for spanish, _, english in (pair.strip().partition(" ") for pair in _PAIRS.split(","))
}
"""The English meaning of each Spanish noun."""
