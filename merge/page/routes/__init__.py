"""The screens: each file has the routes and template variables of one."""

from __future__ import annotations

from flask import Blueprint

from merge.page.routes import (
    campaigns,
    data,
    decide,
    erase,
    importing,
    letter,
    letters,
    paper,
    printing,
    program,
    progress,
    proofread,
    starting,
    tasks,
)

SCREENS: tuple[Blueprint, ...] = tuple(
    part.screen
    for part in (
        *(program, tasks, campaigns, starting),
        *(data, importing, letters, letter, decide, proofread, printing, paper, progress, erase),
    )
)
