"""What Aurora sells."""

from __future__ import annotations

from config.demo.film.script import Product, Variant, words

PRODUCTS = (
    Product(
        "north-star-pendant",
        words("North Star pendant", "北极星吊坠"),
        words("14k gold vermeil, 18 in", "14K 镀金银，45 厘米"),
        words("A four-pointed star with hand-cut facets. Engraved on the back, free of charge.", "四芒星，手工切面。背面可免费刻字。"),
        (Variant("NSP-18", words("18 in", "45 厘米"), 8900, 50), Variant("NSP-20", words("20 in", "50 厘米"), 9400, 24)),
        "pendant",
    ),
    Product(
        "tide-hoops",
        words("Tide hoops", "潮汐耳环"),
        words("Recycled silver, gold plated", "再生银镀金"),
        words("Hoops with the line of a wave on their inner edge. Light enough to forget.", "内侧刻着潮水的线条，轻得让人忘记。"),
        (Variant("TH-S", words("Small", "小号"), 6400, 40), Variant("TH-L", words("Large", "大号"), 7200, 18)),
        "hoops",
    ),
    Product(
        "three-wishes-bracelet",
        words("Three wishes bracelet", "三愿手链"),
        words("Star, moon and key, 6 to 7.5 in", "星、月、钥匙，15–19 厘米可调"),
        words("Three charms on a fine chain. Wear it until the third wish.", "细链上三枚坠子，戴到第三个愿望成真。"),
        (Variant("TWB-1", words("One size", "均码"), 7200, 36),),
        "bracelet",
    ),
    Product(
        "last-train-signet",
        words("Last Train signet", "末班车图章戒"),
        words("Solid brass, gold plated", "黄铜镀金"),
        words("The star cut into its face prints in wax.", "戒面刻星，可作火漆印。"),
        (
            Variant("LTS-6", words("Size 6", "6 号"), 9500, 12),
            Variant("LTS-7", words("Size 7", "7 号"), 9500, 16),
            Variant("LTS-8", words("Size 8", "8 号"), 9500, 9),
        ),
        "ring",
    ),
    Product(
        "star-lamp",
        words("Star lamp", "星孔台灯"),
        words("Brass and paper, dimmable", "黄铜与纸，可调光"),
        words("A shade cut full of stars. In a dark room it draws a sky on your wall.", "灯罩上满是星孔，暗室里把星空画在墙上。"),
        (Variant("SL-W", words("Warm white", "暖光"), 12900, 15),),
        "lamp",
    ),
    Product(
        "night-train-candle",
        words("Night Train candle", "夜行列车蜡烛"),
        words("Amber, cedar, rain, 40 hours", "琥珀、雪松、雨，40 小时"),
        words("Smells of velvet seats and wet coats.", "像天鹅绒座椅和淋湿的大衣。"),
        (Variant("NTC-1", words("220 g", "220 克"), 2800, 80),),
        "candle",
    ),
)
