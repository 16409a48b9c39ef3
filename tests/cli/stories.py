"""Datasets that tests tell: a gift that comes to be known bit by bit, and a gift told twice."""

from __future__ import annotations

AURUS = {
    "dataset.toml": 'name = "aurus"\ntitle = "A car"\nlicense = "CC-BY-4.0"\n',
    "tables/actors.csv": """actor_id,name,kind,country
russia,Russia,state,RUS
dprk,North Korea,state,PRK
rok,South Korea,state,KOR
usa,United States,state,USA
un,United Nations,igo,
putin,Vladimir Putin,person,RUS
kim,Kim Jong Un,person,PRK
peskov,Dmitry Peskov,person,RUS
shoigu,Sergei Shoigu,person,RUS
kcna,KCNA,organisation,PRK
""",
    "tables/offices.csv": """actor_id,office,held_from,held_until,country
shoigu,Minister of Defence,2012-11-06,2024-05-12,RUS
shoigu,Secretary of the Security Council,2024-05-13,,RUS
""",
    "tables/sources.csv": """source_id,publisher,kind,url,published_on
kcna-1,KCNA,state_media,https://example.org/kcna/1,2024-02-20T10:09+09:00
tass-1,TASS,press,https://example.org/tass/1,2024-02-20
yonhap-1,Yonhap,press,https://example.org/yonhap/1,2024-02-21
un-1,United Nations,igo,https://example.org/un/1,2006-10-14
memoir-1,A memoir,press,https://example.org/memoir,2024-03-05
""",
    "tables/events.csv": """event_id,event_type,title,summary,date,country,details
gift-aurus,gift,A car,An Aurus for Kim.,2024-02-18,PRK,"{""make"":""Aurus""}"
meeting-2023,meeting,A meeting,,2023-09-13,RUS,
vote-2006,vote,A vote,,2006-10-14,USA,
""",
    "tables/participants.csv": """event_id,actor_id,role
gift-aurus,russia,giver
gift-aurus,kim,recipient
gift-aurus,shoigu,intermediary
meeting-2023,putin,host
meeting-2023,kim,guest
vote-2006,un,announcer
""",
    "tables/evidence.csv": """evidence_id,event_id,source_id,stance,aspect,value,speaker,said_on
aurus.e01,gift-aurus,kcna-1,asserts,occurrence,,,
aurus.e02,gift-aurus,tass-1,confirms,occurrence,,peskov,2024-02-20T12:30+03:00
aurus.e03,gift-aurus,tass-1,asserts,make,Aurus,peskov,2024-02-20T12:30+03:00
aurus.e04,gift-aurus,yonhap-1,asserts,legality,breach,rok,2024-02-21
aurus.e05,gift-aurus,yonhap-1,conditions,legality,breach,usa,2024-02-22
aurus.e06,gift-aurus,tass-1,denies,legality,breach,russia,2024-02-23
aurus.e07,gift-aurus,memoir-1,asserts,participants,shoigu:intermediary,,
aurus.e08,gift-aurus,memoir-1,asserts,follows,meeting-2023,,
meeting.e01,meeting-2023,tass-1,asserts,occurrence,,putin,2023-09-13
vote.e01,vote-2006,un-1,asserts,occurrence,,,2006-10-14
""",
    "tables/relations.csv": """event_id,relation,other_id,provision
gift-aurus,follows,meeting-2023,
gift-aurus,allegedly_violates,vote-2006,OP 8(a)(iii)
""",
}
"""A gift that KCNA reports without a make; Peskov names it; whether it was lawful is disputed;
a memoir tells who carried the key, and after which meeting."""

LATER = {
    "events.csv": "event_id,title\ngift-aurus,A limousine\n",
    "evidence.csv": "evidence_id,event_id,source_id,stance,aspect,speaker,said_on\n"
    "aurus.e09,gift-aurus,kcna-1,confirms,legality,usa,2024-02-24\n"
    "aurus.e10,gift-aurus,kcna-1,denies,occurrence,kim,2024-02-25\n",
}
"""What a second batch records of it: another title, and two things that were said days later."""

TWINS = {
    "dataset.toml": 'name = "twins"\ntitle = "Told twice"\nlicense = "CC-BY-4.0"\n',
    "tables/actors.csv": """actor_id,name,kind,country
russia,Russia,state,RUS
dprk,North Korea,state,PRK
un,United Nations,igo,
""",
    "tables/sources.csv": """source_id,publisher,kind,url,published_on
kcna-1,KCNA,state_media,https://example.org/kcna/1,2024-02-20
tass-1,TASS,press,https://example.org/tass/1,2024-02-21
un-1,United Nations,igo,https://example.org/un/1,2006-10-14
""",
    "tables/events.csv": """event_id,event_type,title,date,country
car,gift,Russia gives a car,2024-02-18,PRK
aurus,gift,A car is given by Russia,2024-02-19,PRK
limousine,gift,Russia gives a limousine car,2024-02-18,PRK
dogs,gift,Two dogs,2024-06-19,PRK
vote,vote,A vote,2006-10-14,USA
""",
    "tables/participants.csv": """event_id,actor_id,role
car,russia,giver
car,dprk,recipient
aurus,russia,giver
aurus,dprk,recipient
limousine,russia,giver
dogs,dprk,giver
vote,un,announcer
""",
    "tables/evidence.csv": """evidence_id,event_id,source_id,stance,speaker
car.e01,car,kcna-1,asserts,dprk
aurus.e01,aurus,tass-1,confirms,russia
limousine.e01,limousine,tass-1,mentions,
dogs.e01,dogs,tass-1,asserts,
vote.e01,vote,un-1,asserts,
""",
    "tables/relations.csv": """event_id,relation,other_id,note
car,allegedly_violates,vote,as critics say
dogs,responds_to,car,
aurus,follows,vote,
""",
}
"""One gift told three times, the dogs that were given in return, and a vote."""
