"""Time against size, both logarithmic, as SVG: where lines are parallel, they grow alike."""

import math

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 420, 70, 30, 250, 50
LIMIT = "L: psql \\copy into systemuser"
COLOURS = {LIMIT: "#888888", "first load": "#b5482a",
           "full resync, nothing changed": "#2a6db5"}


def label(number):
    return f"{number:,.0f}" if number >= 1 else f"{number:g}"


def plot(results, path, colours=None, counted="users"):
    """`results`: by size, what was measured; `colours`: of the cases that are drawn, by their names."""
    colours = colours or COLOURS
    sizes = sorted(results)
    lines = {case: [(size, r["seconds"]) for size in sizes for r in results[size] if r["case"] == case] for case in colours}
    seconds = [s for points in lines.values() for _, s in points]
    low, high = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))
    first, last = math.log10(sizes[0]), math.log10(sizes[-1]) if len(sizes) > 1 else math.log10(sizes[0]) + 1

    def x(size):
        return LEFT + (math.log10(size) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(value):
        return TOP + (high - math.log10(value)) / (high - low) * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="13">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for power in range(low, high + 1):
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(10**power):.0f}" y2="{y(10**power):.0f}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 8}" y="{y(10**power) + 4:.0f}" text-anchor="end">{label(10**power)} s</text>')
    for size in sizes:
        out.append(f'<text x="{x(size):.0f}" y="{HEIGHT - BOTTOM + 22}" text-anchor="middle">{size:,}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{counted}</text>')
    for case, points in lines.items():
        path_points = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in points)
        out.append(f'<polyline points="{path_points}" fill="none" stroke="{colours[case]}" stroke-width="2"/>')
        out += [f'<circle cx="{x(size):.1f}" cy="{y(value):.1f}" r="3" fill="{colours[case]}"/>' for size, value in points]
        value = points[-1][1]
        out.append(f'<text x="{x(points[-1][0]) + 10:.0f}" y="{y(value) + 4:.0f}" fill="{colours[case]}">'
                   f'{case.split(",")[0]}: {value:.{1 if value >= 1 else 2}f} s</text>')
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n</svg>\n")
